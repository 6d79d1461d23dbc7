/** 1,234 with the separators an English page has. */
export function number(value: number): string {
  return value.toLocaleString('en-US');
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

export function percent(part: number, whole: number): string {
  if (whole === 0 || part === 0) return '0 %';
  const share = (100 * part) / whole;
  return share < 1 ? '< 1 %' : `${Math.floor(share)} %`;
}

/** How long ago, in the shortest words that still help. */
export function ago(time: string, now: number): string {
  const seconds = Math.max(0, (now - Date.parse(time)) / 1000);
  if (!Number.isFinite(seconds)) return '';
  if (seconds < 45) return 'now';
  if (seconds < 3570) return `${Math.max(1, Math.round(seconds / 60))} min`;
  if (seconds < 84_600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** The day of a time in milliseconds, as 12 Nov; with its year where that is not this one. */
export function day(time: number, now = Date.now()): string {
  const date = new Date(time);
  const year = date.getFullYear() === new Date(now).getFullYear() ? {} : { year: 'numeric' as const };
  return date.toLocaleDateString('en-GB', { day: 'numeric', month: 'short', ...year });
}

const MS_A_DAY = 86_400_000;

/** A measured number beside others that span so much: with no more digits than tell them apart. */
export function quantity(value: number, span: number): string {
  const size = Math.max(Math.abs(value), span);
  const finest = Math.floor(Math.log10(span)) - 2;
  if (size < 1e-3 || size >= 1e10)
    return String(Number(value.toPrecision(Math.max(1, Math.ceil(Math.log10(size)) - finest))));
  // Adding 0 takes the sign off a 0.
  return (value + 0).toLocaleString('en-US', { maximumFractionDigits: Math.max(0, -finest) });
}

/** A time in milliseconds as one of others that span so much: its day, or where those are few its hour. UTC. */
export function instant(time: number, span: number): string {
  const date = new Date(time);
  const dayAndMonth = { day: 'numeric', month: 'short', timeZone: 'UTC' } as const;
  if (span > 3 * MS_A_DAY) return date.toLocaleDateString('en-GB', { ...dayAndMonth, year: 'numeric' });
  return date.toLocaleString('en-GB', { ...dayAndMonth, hour: '2-digit', minute: '2-digit' });
}

/** A rate with about three digits: 950, 31, 4.2. */
export function rate(value: number): string {
  return value >= 10 ? number(Math.round(value)) : value.toFixed(1);
}

/** The beginning of a text out of a file, where a megabyte is a text too: it would cover the page. */
export function short(text: string, most = 300): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}
