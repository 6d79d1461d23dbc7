import { describe, expect, test, vi } from 'vitest';
import { Client } from '../../src/api/client';
import { ApiError } from '../../src/api/errors';
import { newOpId } from '../../src/api/op_id';

const OF = { run: 'r', column: 'label' };
const BASE = new URL('http://host:6006/prefix/data/plugin/tsne/');
const json = (body: unknown, status = 200): Response => new Response(JSON.stringify(body), { status });

function client(answer: () => Response | Promise<Response>) {
  const fetcher = vi.fn<typeof fetch>(async () => answer());
  const call = (): { url: URL; init: RequestInit } => {
    const [input, init = {}] = fetcher.mock.calls[0]!;
    return { url: input as URL, init };
  };
  return { api: new Client(BASE, fetcher), call };
}

describe('reads', () => {
  test('stay under the page’s own address, with names encoded', async () => {
    const { api, call } = client(() => json({}));
    await api.samples('a/b&c=1', 'im');
    expect(call().url.href).toBe(`${BASE.href}samples?run=a%2Fb%26c%3D1&tensor=im`);
    expect(call().init).toMatchObject({ cache: 'no-store' });
  });

  test('leave out a page that was not asked for', async () => {
    const { api, call } = client(() => json({ entries: [], more: false }));
    await api.history(OF, 50);
    expect(call().url.search).toBe('?run=r&column=label&limit=50');
  });
});

describe('guidance', () => {
  const { signal } = new AbortController();

  test('asks for query candidates and for label issues', async () => {
    const candidates = client(() => new Response(null, { status: 204 }));
    expect(await candidates.api.candidates('r', 't', 4, signal)).toBeNull();
    expect(candidates.call().url.href).toBe(`${BASE.href}guidance/candidates?run=r&tensor=t&after=4&wait=0`);
    const issues = client(() =>
      json({ column: 'label', revision: 1, groups: [], label_issues: [], second_looks: [] }),
    );
    expect((await issues.api.labelIssues('r', 't', 20)).label_issues).toEqual([]);
    expect(issues.call().url.href).toBe(`${BASE.href}guidance/label_issues?run=r&tensor=t&wait=20`);
  });

  test('says so where the labels are still being looked through', async () => {
    const { api } = client(() => new Response(null, { status: 204 }));
    await expect(api.labelIssues('r', 't', 20)).rejects.toMatchObject({ status: 504, code: 'slow' });
  });
});

describe('writes', () => {
  test('carry the headers that make the server listen, and the operation’s name', async () => {
    const { api, call } = client(() => json({ revision: 42 }));
    await api.apply(OF, { store: 's', op_id: 'o'.repeat(8), base_revision: 41 }, {
      class_id: 3,
      sample_ids: ['a'],
      only_unlabeled: true,
      selection: { kind: 'single' },
    }); // prettier-ignore
    const { url, init } = call();
    expect(url.href).toBe(`${BASE.href}labels/apply`);
    expect(init).toMatchObject({
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-TSNE-Request': '1' },
    });
    expect(JSON.parse(init.body as string)).toEqual({
      run: 'r',
      column: 'label',
      store: 's',
      op_id: 'oooooooo',
      base_revision: 41,
      class_id: 3,
      sample_ids: ['a'],
      only_unlabeled: true,
      selection: { kind: 'single' },
    });
  });

  test('of the session go to their own routes', async () => {
    const { api, call } = client(() => json({}));
    await api.step('r', 't', 5);
    expect(call().url.pathname).toBe('/prefix/data/plugin/tsne/session/step');
    expect(JSON.parse(call().init.body as string)).toEqual({ run: 'r', tensor: 't', epochs: 5 });
  });
});

describe('a frame', () => {
  test('is null when none came', async () => {
    const { api } = client(() => new Response(null, { status: 204 }));
    expect(await api.frame('r', 't', 7, 10, new AbortController().signal)).toBeNull();
  });
});

describe('errors', () => {
  test('carry the server’s own code and sentence', async () => {
    const body = { error: { code: 'conflict', message: 'Labelled elsewhere.', details: { revision: 3 } } };
    const { api } = client(() => json(body, 409));
    const error = await api.runs().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status: 409,
      code: 'conflict',
      message: 'Labelled elsewhere.',
      details: { revision: 3 },
    });
    expect((error as ApiError).transient).toBe(false);
  });

  test('say something where a proxy answers with a page', async () => {
    const { api } = client(() => new Response('<html>', { status: 502, statusText: 'Bad Gateway' }));
    await expect(api.runs()).rejects.toMatchObject({
      status: 502,
      message: 'The server answered 502 Bad Gateway.',
      transient: true,
      unanswered: true,
    });
  });

  test('of a server that is busy are its own answers', async () => {
    const error = { code: 'labels_busy', message: 'Try again.' };
    const { api } = client(() => json({ error }, 503));
    await expect(api.runs()).rejects.toMatchObject({ ...error, transient: true, unanswered: false });
  });

  test('are transient where nobody answers', async () => {
    const { api } = client(() => Promise.reject(new TypeError('Failed to fetch')));
    await expect(api.runs()).rejects.toMatchObject({ status: 0, code: 'unreachable', transient: true });
  });

  test.each([
    ['a frame', (api: Client) => api.frame('r', 't', 0, 1, new AbortController().signal)],
    ['a sprite sheet', (api: Client) => api.sprite('r', 't')],
    ['a page of tiles', (api: Client) => api.tilePage('r', 0)],
    ['labels', (api: Client) => api.labels(OF, 't')],
  ])('are of one kind where the server ends in the middle of %s', async (_, ask) => {
    const broken = new ReadableStream({ pull: (into) => into.error(new TypeError('Failed to fetch')) });
    const { api } = client(() => new Response(broken));
    await expect(ask(api)).rejects.toMatchObject({ code: 'unreachable', transient: true });
  });

  test('leave an abort as it is', async () => {
    const stop = new AbortController();
    const { api } = client(() => {
      stop.abort();
      return Promise.reject(new DOMException('aborted', 'AbortError'));
    });
    await expect(api.labelChanges(OF, 1, 20, stop.signal)).rejects.toMatchObject({ name: 'AbortError' });
  });
});

test('operations have new names that the server takes', () => {
  const names = Array.from({ length: 100 }, newOpId);
  expect(new Set(names).size).toBe(100);
  expect(names.every((name) => /^[A-Za-z0-9_-]{8,64}$/.test(name))).toBe(true);
});

describe('what did not come from the server', () => {
  const page = (status: number): Response => new Response('<html>Sign in</html>', { status });
  const typed = (status: number): Response =>
    new Response('<html>Sign in</html>', { status, headers: { 'Content-Type': 'text/html; charset=utf-8' } });
  const away = { status: 0, type: 'opaqueredirect', ok: false } as Response;

  test.each([
    ['a page in the place of an answer', page(200)],
    ['a page that asks for a password', page(401)],
    ['a page that refuses', page(403)],
    ['a way to another page', away],
    ['an answer to another question', json({ error: 'login_required' })],
    ['a refusal in JSON of others', json({ error: 'login_required' }, 401)],
    ['a refusal in JSON of others, for good', json({ message: 'Forbidden' }, 403)],
    ['a page that is not there', typed(404)],
  ])('%s is told as that, and changes wait', async (_, answer) => {
    const error: unknown = await client(() => answer)
      .api.runs()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'intercepted', transient: true, unanswered: true });
    expect((error as ApiError).message).toContain('reload the page');
  });

  test.each([
    ['a sprite sheet', (api: Client) => api.sprite('r', 't')],
    ['a frame', (api: Client) => api.frame('r', 't', 0, 1, new AbortController().signal)],
  ])('a page in the place of %s is none', async (_, ask) => {
    await expect(ask(client(() => typed(200)).api)).rejects.toMatchObject({ code: 'intercepted' });
  });

  test('what is too large for a proxy is refused for good', async () => {
    const { api } = client(() => typed(413));
    await expect(api.runs()).rejects.toMatchObject({ status: 413, transient: false });
  });

  test('a refusal of the server’s own is told in its words', async () => {
    const error = { code: 'host_refused', message: 'Not under this name.' };
    const { api } = client(() => json({ error }, 403));
    await expect(api.runs()).rejects.toMatchObject({ ...error, status: 403, transient: false });
  });

  test('a page of a server that failed is a failure', async () => {
    const { api } = client(() => page(500));
    await expect(api.runs()).rejects.toMatchObject({ code: 'unexpected', transient: false });
  });

  test('an answer that breaks off is none', async () => {
    const broken = new ReadableStream({ start: (controller) => controller.error(new TypeError('cut off')) });
    const { api } = client(() => new Response(broken));
    await expect(api.runs()).rejects.toMatchObject({ code: 'unreachable', status: 0 });
  });
});
