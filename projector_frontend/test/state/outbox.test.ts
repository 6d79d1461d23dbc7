import { describe, expect, test } from 'vitest';
import {
  isClaimable,
  Outbox,
  sentBySigningIn,
  waitingGroups,
  waitingWords,
  type OutboxStorage,
  type Entry,
  type Kept,
} from '../../src/state/outbox';

class Unreachable extends Error {}
class OtherStore extends Error {}

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
  store = 'A';

  send = ({ opId, store, body }: Entry<string>, base: number): Promise<Answer> => {
    this.seen.push([body, base]);
    if (!this.up) return Promise.reject(new Unreachable());
    if (store !== this.store) return Promise.reject(new OtherStore());
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
  all(): Promise<Kept<string>[]> {
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
    isElsewhere: (error) => error instanceof OtherStore,
    sleep: (ms) => {
      pauses.push(ms);
      return new Promise((resolve) => (wake = resolve));
    },
  });
  return { box, server, storage, pauses, wake: () => wake() };
}

let made = 0;
const entry = (body: string, seen = 41, store = 'A'): Entry<string> => ({
  store,
  account: '',
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
    await second.box.recall();
    second.box.retry('', (_, answer) => answers.push(answer));
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

  test('keeps what is for other labels, and all that is for them too; the others go on', async () => {
    const { box, server, storage } = outbox();
    const stray = [box.add(entry('b1', 1, 'B')), box.add(entry('b2', 1, 'B'))];
    const own = box.add(entry('a'));
    const settled = await Promise.allSettled(stray);
    expect(settled.map((each) => each.status)).toEqual(['rejected', 'rejected']);
    expect(await own).toEqual({ revision: 42 });
    expect(server.seen.map(([body]) => body)).toEqual(['b1', 'a']); // b2 is not sent before b1
    expect(box.elsewhere.value.map((each) => each.body)).toEqual(['b1', 'b2']);
    expect((await storage.all()).map((each) => each.body)).toEqual(['b1', 'b2']);
    expect(box.state.value).toEqual({ kind: 'saved' });
  });

  test('sends it in its order when its labels are back, before what was made later', async () => {
    const { box, server } = outbox();
    const stray = [box.add(entry('b1', 41, 'B')), box.add(entry('b2', 41, 'B'))];
    await Promise.allSettled(stray);
    server.store = 'B';
    const answers: Promise<Answer>[] = [];
    const under = box.add(entry('b3', 41, 'B'));
    box.retry('', (_, answer) => answers.push(answer));
    const later = box.add(entry('b4', 41, 'B'));
    await Promise.all([...answers, under, later]);
    expect(server.seen.slice(1).map(([body]) => body)).toEqual(['b1', 'b2', 'b3', 'b4']);
  });

  test('a page opened on other labels sends nothing to them, and finds all when its own are back', async () => {
    const storage = new Memory();
    const first = outbox(new Server(), storage);
    first.server.up = false;
    void first.box.add(entry('a1')).catch(() => undefined);
    void first.box.add(entry('a2')).catch(() => undefined);
    await tick();

    const other = new Server();
    other.store = 'B';
    const second = outbox(other, storage);
    await second.box.recall();
    expect(other.seen).toEqual([]);
    const settled: Promise<unknown>[] = [];
    second.box.retry('', (_, answer) => settled.push(answer.catch(() => undefined)));
    await Promise.all(settled);
    expect(other.revision).toBe(41);
    expect(second.box.elsewhere.value.map((each) => each.body)).toEqual(['a1', 'a2']);

    const third = outbox(new Server(), storage);
    await third.box.recall();
    const answers: Promise<Answer>[] = [];
    third.box.retry('', (_, answer) => answers.push(answer));
    expect((await Promise.all(answers)).map((each) => each.revision)).toEqual([42, 43]);
    expect(storage.entries.size).toBe(0);
  });

  test('what an earlier version of the page left, without saying for which labels, is never sent', async () => {
    const storage = new Memory();
    const old = { opId: 'old', at: 1, run: 'r', column: 'label', seen: 41, body: 'old' };
    await storage.put(old as Entry<string>);
    const { box, server } = outbox(new Server(), storage);
    await box.recall();
    box.retry('', () => expect.unreachable());
    await box.answered();
    expect(server.seen).toEqual([]);
    expect(box.elsewhere.value.map((each) => each.body)).toEqual(['old']);
    await box.discard(new Set([old.opId]));
    expect(box.elsewhere.value).toEqual([]);
    expect(storage.entries.size).toBe(0);
  });

  test('what waits is told by the labels that it waits for', () => {
    const waits = [
      entry('1', 1, 'B'),
      entry('2', 1, 'C'),
      entry('3', 1, 'B'),
      { ...entry('4', 1, 'B'), column: 'x' },
    ];
    const groups = waitingGroups(waits);
    expect(groups.map((group) => [group.column, group.opIds.size, group.to - group.from])).toEqual([
      ['label', 2, 2],
      ['label', 1, 0],
      ['x', 1, 0],
    ]);
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

describe('changes of several people in one browser', () => {
  const of = (body: string, account: string): Entry<string> => ({ ...entry(body), account });

  test('each waits for its maker, and goes on its way when they are back', async () => {
    const storage = new Memory();
    const first = outbox(new Server(), storage);
    first.server.up = false;
    void first.box.add(of('of ann', 'ann')).catch(() => undefined);
    void first.box.add(of('of nobody', '')).catch(() => undefined);
    await tick();

    const second = outbox(new Server(), storage);
    await second.box.recall();
    second.box.retry('ben', () => expect.unreachable());
    await second.box.add(of('of ben', 'ben'));
    expect(second.server.seen).toEqual([['of ben', 41]]);
    expect(second.box.elsewhere.value.map((each) => each.body)).toEqual(['of ann', 'of nobody']);
    expect(waitingWords(second.box.elsewhere.value, 'ben')).toBe('2 changes wait');

    const answers: Promise<Answer>[] = [];
    second.box.retry('ann', (_, answer) => answers.push(answer));
    await Promise.all(answers);
    expect(second.server.seen.map(([body]) => body)).toEqual(['of ben', 'of ann']);
    expect(second.box.elsewhere.value.map((each) => each.body)).toEqual(['of nobody']);
  });

  test('what waits is said with whom it waits for', () => {
    const waits = [of('a', 'ann'), of('b', 'ann')];
    expect(waitingWords(waits, 'ben')).toBe('2 changes wait for ann');
    expect(waitingWords(waits, 'ann')).toBe('2 changes wait for other labels');
    expect(waitingWords([of('a', '')], 'ben')).toBe('1 change waits, made before anybody signed in');
    expect(waitingWords(waits, 'ann', false)).toBe('2 changes wait until you may label');
    expect(waitingGroups(waits)[0]?.account).toBe('ann');
  });

  test('only what is of nobody with a token can be made one’s own, and signing in sends only what has a maker', () => {
    const may = (account: string, here: string): boolean =>
      waitingGroups([of('a', account)]).every((group) => isClaimable(group, here));
    expect([may('', 'ann'), may('ben', ''), may('ben', 'ann'), may('ann', 'ann')]).toEqual([
      ...[true, true, false, false],
    ]);
    const waits = [of('a', ''), of('b', 'ann'), of('c', 'ben')];
    expect([sentBySigningIn(waits, ''), sentBySigningIn(waits, 'ann')]).toEqual([2, 1]);
  });
});
