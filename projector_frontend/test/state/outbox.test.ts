import { describe, expect, test } from 'vitest';
import { Outbox, type OutboxStorage, type Entry } from '../../src/state/outbox';

class Unreachable extends Error {}

interface Answer {
  revision: number;
}

/** A server that counts revisions, answers an `op_id` once, and can be switched off. */
class Server {
  up = true;
  revision = 41;
  done = new Map<string, Answer>();
  seen: [string, number][] = [];
  refuses = new Set<string>();

  send = ({ opId, body }: Entry<string>, base: number): Promise<Answer> => {
    this.seen.push([body, base]);
    if (!this.up) return Promise.reject(new Unreachable());
    if (this.refuses.has(body)) return Promise.reject(new Error('no'));
    const known = this.done.get(opId);
    const answer = known ?? { revision: ++this.revision };
    this.done.set(opId, answer);
    return Promise.resolve(answer);
  };
}

class Memory implements OutboxStorage<string> {
  entries = new Map<string, Entry<string>>();
  put(entry: Entry<string>): Promise<void> {
    this.entries.set(entry.opId, entry);
    return Promise.resolve();
  }
  remove(opId: string): Promise<void> {
    this.entries.delete(opId);
    return Promise.resolve();
  }
  all(): Promise<Entry<string>[]> {
    return Promise.resolve([...this.entries.values()]);
  }
}

function outbox(server = new Server(), storage: OutboxStorage<string> = new Memory()) {
  const pauses: number[] = [];
  let wake = (): void => undefined;
  const box = new Outbox<string, Answer>({
    send: server.send,
    storage,
    isTransient: (error) => error instanceof Unreachable,
    sleep: (ms) => {
      pauses.push(ms);
      return new Promise((resolve) => (wake = resolve));
    },
  });
  return { box, server, storage, pauses, wake: () => wake() };
}

let made = 0;
const entry = (body: string, seen = 41): Entry<string> => ({
  opId: `op${++made}`,
  at: made,
  run: 'r',
  column: 'label',
  seen,
  body,
});
const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe('the outbox', () => {
  test('sends one after the other, each on top of what the one before it made', async () => {
    const { box, server } = outbox();
    const answers = await Promise.all([box.add(entry('a')), box.add(entry('b')), box.add(entry('c'))]);
    expect(answers.map((each) => each.revision)).toEqual([42, 43, 44]);
    expect(server.seen).toEqual([
      ['a', 41],
      ['b', 42],
      ['c', 43],
    ]);
  });

  test('claims to have seen no more than it has: somebody else edited in between', async () => {
    const { box, server } = outbox();
    server.revision = 50;
    await Promise.all([box.add(entry('a')), box.add(entry('b'))]);
    expect(server.seen).toEqual([
      ['a', 41],
      ['b', 41],
    ]);
  });

  test('counts the edits of each label column apart', async () => {
    const { box, server } = outbox();
    await box.add(entry('a'));
    await box.add({ ...entry('b', 41), column: 'eyes' });
    expect(server.seen).toEqual([
      ['a', 41],
      ['b', 41],
    ]);
  });

  test('is saving while something is under way, and saved after', async () => {
    const { box } = outbox();
    const sent = box.add(entry('a'));
    expect(box.state.value).toEqual({ kind: 'saving' });
    await sent;
    expect(box.state.value).toEqual({ kind: 'saved' });
  });

  test('sends again what nobody answered, and what came after waits', async () => {
    const { box, server, wake, pauses } = outbox();
    server.up = false;
    const both = Promise.all([box.add(entry('a')), box.add(entry('b'))]);
    await tick();
    expect(box.state.value).toEqual({ kind: 'offline', waiting: 2 });
    wake();
    await tick();
    server.up = true;
    wake();
    await both;
    expect(server.seen.map(([body]) => body)).toEqual(['a', 'a', 'a', 'b']);
    expect(pauses[1]).toBeGreaterThan(pauses[0]!);
    expect(box.state.value).toEqual({ kind: 'saved' });
  });

  test('gives up what was refused, and goes on with the next', async () => {
    const { box, server, storage } = outbox();
    server.refuses.add('a');
    const refused = box.add(entry('a'));
    const next = box.add(entry('b'));
    await expect(refused).rejects.toThrow('no');
    expect(await next).toEqual({ revision: 42 });
    expect(await storage.all()).toEqual([]);
  });

  test('keeps what was not answered for the next page, which sends it once and in order', async () => {
    const storage = new Memory();
    const first = outbox(new Server(), storage);
    first.server.up = false;
    void first.box.add(entry('a'));
    void first.box.add(entry('b'));
    await tick();
    expect(storage.entries.size).toBe(2);

    const second = outbox(first.server, storage);
    first.server.up = true;
    const answers: Promise<Answer>[] = [];
    await second.box.resume((_, answer) => answers.push(answer));
    expect((await Promise.all(answers)).map((each) => each.revision)).toEqual([42, 43]);
    // The page before wakes up after all: the same names act no second time.
    first.wake();
    await tick();
    expect(first.server.revision).toBe(43);
    expect(storage.entries.size).toBe(0);
  });

  test('says when all that was queued has been answered, refused or stored', async () => {
    const { box, server } = outbox();
    server.refuses.add('b');
    let refused = false;
    void box.add(entry('a'));
    box.add(entry('b')).catch(() => (refused = true));
    void box.add(entry('c'));
    await box.answered();
    expect(server.seen.map(([body]) => body)).toEqual(['a', 'b', 'c']);
    expect(server.revision).toBe(43);
    await tick();
    expect(refused).toBe(true);
  });

  test('still sends where nothing can be kept, and says so', async () => {
    const broken: OutboxStorage<string> = {
      put: () => Promise.reject(new Error('private window')),
      remove: () => Promise.reject(new Error('private window')),
      all: () => Promise.reject(new Error('private window')),
    };
    const { box } = outbox(new Server(), broken);
    expect(await box.add(entry('a'))).toEqual({ revision: 42 });
    expect(box.keeps).toBe(false);
  });
});
