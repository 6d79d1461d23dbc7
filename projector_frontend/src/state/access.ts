import type { RunsAnswer } from '../api/types';
import { short } from './format';

/** Where an address brings a token along: behind the #, which a browser sends to nobody. */
const IN_ADDRESS = /[#&]token=([^&#\s]+)/;
const NEAR = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/;

/** The token in an address, or in its part behind the #; null where there is none. */
export function tokenIn(address: string): string | null {
  return IN_ADDRESS.exec(address)?.[1] ?? null;
}

/** What somebody typed or pasted as their token: it, or the whole address with it. */
export function givenToken(text: string): string {
  return tokenIn(text) ?? text.trim();
}

/** The part of an address behind the #, without its token. */
export function withoutToken(hash: string): string {
  return hash.replace(/([#&])token=[^&#\s]*&?/, '$1').replace(/[#&]$/, '');
}

/** Whether whoever is on the way to the server can read what is sent. */
export function isExposed({ protocol, hostname }: Pick<Location, 'protocol' | 'hostname'>): boolean {
  return protocol === 'http:' && !NEAR.test(hostname);
}

/** What whoever is here may do, in words. */
export function rightWords(right: RunsAnswer['right']): string {
  return { look: 'may look', label: 'may label', manage: 'may do everything' }[right];
}

/** Whose a token is, in words; the one of all has no name. */
export function holderWords(name: string): string {
  return name === '' ? 'whoever has the token of all' : short(name, 40);
}

/** Why whoever is here may not change what the run is for everybody; null where they may, or where nobody has said. */
export function manageProblem(runs: RunsAnswer | null): string | null {
  if (!runs || runs.right === 'manage') return null;
  return runs.right === 'label' ? 'Your token lets you label, but not manage this run' : runs.edit_problem;
}

/** Whether the page belongs to somebody else than before, or to the same with another right. */
export function isAnother(before: RunsAnswer | null, now: RunsAnswer): boolean {
  return before?.account !== now.account || before.right !== now.right || before.token !== now.token;
}
