import { PassThrough } from 'node:stream';
import { type Command, runCommand, type Surroundings } from '../../infra/aws/command.ts';
import { AwsRefusal, type FakeAws } from './fake-aws.ts';

export const STACK_ID = 'arn:aws:cloudformation:eu-central-1:123456789012:stack/PlaylistLake/5f0c';
export const STATE_MACHINE = 'arn:aws:states:eu-central-1:123456789012:stateMachine:PlaylistLake';
export const REBUILD_MACHINE = 'arn:aws:states:eu-central-1:123456789012:stateMachine:PlaylistLake-Rebuild';
export const TOPIC = 'arn:aws:sns:eu-central-1:123456789012:PlaylistLake-Alerts';
export const SECRET = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:Spotify-abc';
export const NOW = new Date('2026-11-25T12:00:00Z');

export const OUTPUTS: Readonly<Record<string, string>> = {
  StateMachineArn: STATE_MACHINE,
  RebuildMachineArn: REBUILD_MACHINE,
  LakeBucketName: 'lake-bucket',
  WorkGroupName: 'lake-workgroup',
  ReadersDatabaseName: 'playlist_lake',
  StagingDatabaseName: 'playlist_lake_staging',
  CrawlerName: 'lake-crawler',
  SecretArn: SECRET,
  AlertTopicArn: TOPIC,
  DashboardName: 'PlaylistLake',
};

/** DescribeStacks in an account with these stacks. */
export const describeStacks =
  (stacks: Record<string, object> = { PlaylistLake: {} }) =>
  ({ StackName }: Readonly<Record<string, unknown>>) => {
    const found = stacks[String(StackName)];
    if (!found) throw new AwsRefusal('ValidationError', `Stack with id ${StackName} does not exist`);
    return { Stacks: [{ ...stackWith(OUTPUTS), StackName, ...found }] };
  };

export const stackWith = (outputs: Readonly<Record<string, string>>) => ({
  StackId: STACK_ID,
  StackStatus: 'CREATE_COMPLETE',
  CreationTime: '2026-11-01T00:00:00Z',
  Outputs: Object.entries(outputs).map(([OutputKey, OutputValue]) => ({ OutputKey, OutputValue })),
});

export const callerIdentity = () => ({ Account: '123456789012', Arn: 'arn:aws:iam::123456789012:user/somebody' });

/** Standard input that holds this text; a terminal when `isTTY`. */
export function input(text: string, isTTY = false) {
  const stdin = Object.assign(new PassThrough(), { isTTY });
  // A terminal stays open; a pipe ends.
  if (isTTY) stdin.write(text);
  else stdin.end(text);
  return stdin;
}

/** Runs a command against a fake account, in this process, with nothing in its environment. */
export async function run(command: Command, argv: readonly string[], aws: FakeAws, more: Partial<Surroundings> = {}) {
  const words = { stdout: '', stderr: '' };
  const into = (name: keyof typeof words) => ({
    write: (chunk: unknown) => {
      words[name] += String(chunk);
      return true;
    },
  });
  const code = await runCommand(command, argv, {
    env: {},
    stdin: input(''),
    stdout: into('stdout'),
    stderr: into('stderr'),
    now: () => NOW,
    sleep: async () => {},
    runCdk: async () => 0,
    interrupt: new AbortController().signal,
    settings: aws.settings,
    ...more,
  });
  return { code, ...words };
}
