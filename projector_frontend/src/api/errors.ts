import type { ErrorInfo } from './types';

/** The server's words for what went wrong, and the page's own where no such word arrived. */
export type ErrorCode =
  ErrorInfo['code'] | 'intercepted' | 'malformed_frame' | 'slow' | 'unexpected' | 'unreachable';
type ErrorDetails = NonNullable<ErrorInfo['details']>;

/** With these a proxy, or the server itself, says that it may be otherwise in a moment. */
const GATEWAY = new Set([502, 503, 504]);

/** Every way a request can go wrong, in one type. */
export class ApiError extends Error {
  constructor(
    /** HTTP status; 0 where no answer arrived at all. */
    readonly status: number,
    readonly code: ErrorCode,
    message: string,
    readonly details: ErrorDetails = {},
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** True where a token is needed, and none came, or one that holds no more. */
  get signedOut(): boolean {
    return this.code === 'token_needed';
  }

  /** True where the labels that a change is for are not there, other ones in their place, or none; or not its maker. */
  get elsewhere(): boolean {
    return (
      this.code === 'other_person' ||
      this.code === 'other_store' ||
      this.code === 'unknown_run' ||
      this.code === 'unknown_column'
    );
  }

  /** True where whoever asks has no right to it: a change may be of somebody else than has signed in here by now. */
  get notAllowed(): boolean {
    return this.code === 'right_missing' || this.code === 'read_only_client';
  }

  /** True where trying the very same request again may work: nobody answered, the store was busy, a token is needed. */
  get transient(): boolean {
    return this.unanswered || this.signedOut || GATEWAY.has(this.status);
  }

  /** True where a proxy says that the server does not answer it. */
  private get isOfGateway(): boolean {
    return this.code === 'unexpected' && GATEWAY.has(this.status);
  }

  /** True where nobody answered, or not the server. */
  get unanswered(): boolean {
    return this.status === 0 || this.code === 'intercepted' || this.isOfGateway;
  }
}

/** Statuses with which a proxy asks for a password, or to sign in, where its answer is not one of ours. */
const ASKS_TO_SIGN_IN = new Set([401, 403, 407, 511]);
/** With this a proxy refuses what is too large for it; it would do so again. */
const TOO_LARGE = 413;

/** An answer that the server cannot have given: somebody on the way to it did. */
export function intercepted(status: number): ApiError {
  return new ApiError(
    status,
    'intercepted',
    'Something on the way to TensorBoard answered in its place, perhaps to have you sign in: do so in another tab, or reload the page.',
  );
}

/** Whether an answer is a page: the server gives none, and who gives one in its place wants to show something. */
export function isPage(response: Response): boolean {
  return /\bhtml\b/.test(response.headers.get('Content-Type') ?? '');
}

/** Makes an `ApiError` of an answer that is not 2xx, whether or not its body has the documented shape. */
export async function errorFrom(response: Response): Promise<ApiError> {
  let code: ErrorCode = 'unexpected';
  let message = `The server answered ${response.status} ${response.statusText}`.trim() + '.';
  let details: ErrorDetails = {};
  try {
    const body = (await response.json()) as {
      error?: { code?: unknown; message?: unknown; details?: ErrorDetails };
    };
    if (typeof body.error?.code === 'string') code = body.error.code as ErrorCode;
    if (typeof body.error?.message === 'string') message = body.error.message;
    details = body.error?.details ?? {};
  } catch {
    // A proxy's page, or nothing: the status line is all there is to say.
  }
  const { status } = response;
  const isPageOfProxy = isPage(response) && status < 500 && status !== TOO_LARGE;
  if (code === 'unexpected' && (ASKS_TO_SIGN_IN.has(status) || isPageOfProxy)) return intercepted(status);
  return new ApiError(response.status, code, message, details);
}
