import { describe, expect, test } from 'vitest';
import { Outbox } from '../../src/state/outbox';

class Unreachable extends Error {}

function outbox(): { box: Outbox<string>; pauses: number[]; wake: () => void } {
  const pauses: number[] = [];
  let wake = (): void => undefined;
  const box = new Outbox<string>({
    isTransient: (error) => error instanceof Unreachable,
    sleep: (ms) => {
      pauses.push(ms);
      return new Promise((resolve) => (wake = resolve));
    },
  });
  return { box, pauses, wake: () => wake() };
}

const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

describe('the outbox', () => {
  test('sends one after the other, in order', async () => {
    const { box } = outbox();
    const log: string[] = [];
    const slow = box.add(async () => {
      log.push('first sent');
      await tick();
      log.push('first answered');
      return 'a';
    });
    const quick = box.add(() => {
      log.push('second sent');
      return Promise.resolve('b');
    });
    expect(await Promise.all([slow, quick])).toEqual(['a', 'b']);
    expect(log).toEqual(['first sent', 'first answered', 'second sent']);
  });

  test('is saving while something is under way, and saved after', async () => {
    const { box } = outbox();
    const sent = box.add(() => Promise.resolve('a'));
    expect(box.state.value).toEqual({ kind: 'saving' });
    await sent;
    expect(box.state.value).toEqual({ kind: 'saved' });
  });

  test('sends again what nobody answered, and what came after waits', async () => {
    const { box, wake, pauses } = outbox();
    let tries = 0;
    const log: string[] = [];
    const first = box.add(() => {
      tries++;
      return tries < 3 ? Promise.reject(new Unreachable()) : Promise.resolve('a');
    });
    const second = box.add(() => {
      log.push('second');
      return Promise.resolve('b');
    });
    await tick();
    expect(box.state.value).toEqual({ kind: 'offline', waiting: 2 });
    expect(log).toEqual([]);
    wake();
    await tick();
    wake();
    expect(await Promise.all([first, second])).toEqual(['a', 'b']);
    expect(tries).toBe(3);
    expect(pauses[1]).toBeGreaterThan(pauses[0]!);
    expect(box.state.value).toEqual({ kind: 'saved' });
  });

  test('gives up what was refused, and goes on with the next', async () => {
    const { box } = outbox();
    const refused = box.add(() => Promise.reject(new Error('no')));
    const next = box.add(() => Promise.resolve('b'));
    await expect(refused).rejects.toThrow('no');
    expect(await next).toBe('b');
    expect(box.state.value).toEqual({ kind: 'saved' });
  });
});
