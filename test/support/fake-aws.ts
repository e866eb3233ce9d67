import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ClientSettings } from '../../infra/aws/client-settings.ts';

/** Answers one call: its output as an object, or an `AwsRefusal` that it throws. */
export type AwsHandler = (input: Readonly<Record<string, unknown>>) => unknown;

export interface AwsCall {
  /** As IAM names it: `states:StartExecution`. */
  readonly action: string;
  readonly input: Readonly<Record<string, unknown>>;
}

export interface FakeAws {
  readonly settings: ClientSettings;
  readonly url: string;
  /** In the order of arrival. */
  readonly calls: AwsCall[];
  /** What answers, by IAM action. An action that is not here is denied, in IAM's words. */
  readonly handlers: Record<string, AwsHandler>;
  close(): Promise<void>;
}

/** An error as a service answers it. */
export class AwsRefusal extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const USER = 'arn:aws:iam::123456789012:user/somebody';

/** The credential scope of a signature names the service as IAM does, but for these. */
const PREFIXES: Readonly<Record<string, string>> = { monitoring: 'cloudwatch' };

/** The services of one account as one HTTP server: their JSON protocol, the Query protocol with its XML, S3's refusals. */
export async function startFakeAws(handlers: Record<string, AwsHandler> = {}): Promise<FakeAws> {
  const calls: AwsCall[] = [];
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const target = request.headers['x-amz-target'];
    const form = new URLSearchParams(target ? '' : body);
    const service = serviceOf(request);
    const name = target ? String(target).split('.').at(-1) : (form.get('Action') ?? s3Action(request));
    const action = `${service}:${name}`;
    const input = target ? JSON.parse(body) : Object.fromEntries(form);
    calls.push({ action, input });
    const send = (status: number, text: string) => {
      const type = target ? (request.headers['content-type'] ?? 'application/x-amz-json-1.1') : 'text/xml';
      response.writeHead(status, { 'content-type': type }).end(text);
    };
    try {
      const handler = handlers[action];
      if (!handler) throw denied(action);
      const output = await handler(input);
      const xmlOf = service === 's3' ? String : (value: unknown) => answerXml(String(name), value);
      send(200, target ? JSON.stringify(output ?? {}) : xmlOf(output));
    } catch (error) {
      const { code = 'InternalFailure', message } = error as AwsRefusal;
      if (service === 's3') send(403, s3ErrorXml(code, message));
      else send(400, target ? JSON.stringify({ __type: code, message }) : errorXml(code, message));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    calls,
    handlers,
    settings: {
      region: 'eu-central-1',
      endpoint: url,
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI' },
      maxAttempts: 1,
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const denied = (action: string) =>
  new AwsRefusal(
    'AccessDeniedException',
    `User: ${USER} is not authorized to perform: ${action} on resource: arn:aws:x:::y because no identity-based policy allows the ${action} action`,
  );

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function serviceOf({ headers }: IncomingMessage): string {
  const [, scope = ''] =
    /Credential=[^/]+\/\d+\/[\w-]+\/([\w-]+)\/aws4_request/.exec(headers.authorization ?? '') ?? [];
  return PREFIXES[scope] ?? scope;
}

/** Of a call of S3, which has no name but its method and address. */
function s3Action({ method, url = '' }: IncomingMessage): string {
  const { pathname, searchParams } = new URL(url, 'http://s3');
  const ofBucket = searchParams.has('versions') ? 'ListBucketVersions' : 'ListBucket';
  const [, , key] = pathname.split('/');
  if (method === 'GET') return key ? 'GetObject' : ofBucket;
  return method === 'PUT' ? 'PutObject' : 'DeleteObject';
}

const s3ErrorXml = (code: string, message: string) =>
  `<Error><Code>${code.replace('Exception', '')}</Code><Message>${escaped(message)}</Message></Error>`;

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** Lists are `<member>` elements in the Query protocol. */
function xml(value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => `<member>${xml(one)}</member>`).join('');
  if (value === null || typeof value !== 'object') return escaped(String(value));
  return Object.entries(value)
    .map(([name, child]) => `<${name}>${xml(child)}</${name}>`)
    .join('');
}

const answerXml = (name: string, output: unknown) =>
  `<${name}Response><${name}Result>${xml(output ?? {})}</${name}Result></${name}Response>`;
const errorXml = (code: string, message: string) =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${escaped(message)}</Message></Error></ErrorResponse>`;
