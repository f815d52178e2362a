// What can go wrong with a stream, each with what to do about it.

/** Any failure that ends reading for good. */
export class StreamError extends Error {}

/** The application has closed the client. */
export class ClientClosedError extends StreamError {}

/** The server knows no such user or password. Trying again would not help. */
export class CredentialsRefusedError extends StreamError {}

/** No server answered in the time allowed. */
export class ServersUnreachableError extends StreamError {}

/** The user may not use a subject that is needed. */
export class NotAllowedError extends StreamError {}

/** There is no stream of that name in the user's account. */
export class StreamNotFoundError extends StreamError {}

/** The stream is not repeated live, or not all of it. */
export class NotLiveError extends StreamError {}

/** The stream ends before what was already read: it was made anew, or lost its disk. */
export class StreamWentBackError extends StreamError {}

/** A request was not answered; whoever asked tries again. Never reaches an application. */
export class TryAgainError extends StreamError {}
