/** An HTTP answer as plain data, so that what is answered can be decided without a socket. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(body),
});

/** An error as the Web API words it; the token endpoint has its own form. */
export const refusal = (status: number, message: string, headers: Record<string, string> = {}): Answer =>
  json(status, { error: { status, message } }, headers);
