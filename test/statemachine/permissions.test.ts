import { expect, test } from '@jest/globals';
import { readDefinition, readRebuildDefinition } from '../../statemachine/definition.ts';
import { requiredPermissions } from '../../statemachine/permissions.ts';

test('the actions of the pipeline, each on what it names', () => {
  const permissions = requiredPermissions(readDefinition());
  const own = new Set(permissions.filter(({ on }) => on.startsWith('${')).map(({ action, on }) => `${action} ${on}`));
  expect([...own].sort()).toEqual([
    'athena:StartQueryExecution ${WorkGroup}',
    'glue:GetCrawler ${CrawlerName}',
    'glue:StartCrawler ${CrawlerName}',
    'lambda:InvokeFunction ${ExtractFunctionArn}',
    'lambda:InvokeFunction ${PrepareFunctionArn}',
    'lambda:InvokeFunction ${PublishFunctionArn}',
    'lambda:InvokeFunction ${TransformFunctionArn}',
    'sns:Publish ${AlertTopicArn}',
  ]);
});

test('.sync needs to look at the query and to stop it, and the query its tables and a place for its results', () => {
  const validate = requiredPermissions(readDefinition()).filter(({ state }) => state === 'Validate');
  expect(validate.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['athena:GetQueryExecution', 'athena:StopQueryExecution', 'glue:GetTable', 's3:PutObject']),
  );
  const results = requiredPermissions(readDefinition()).filter(({ state }) => state === 'GetValidation');
  expect(results.map(({ action }) => action)).toEqual(['athena:GetQueryResults', 's3:GetObject']);
});

test('the rebuild machine: its tasks inside the maps too, the maps themselves, and never Extract', () => {
  const permissions = requiredPermissions(readRebuildDefinition());
  const lambdas = permissions.filter(({ action }) => action === 'lambda:InvokeFunction').map(({ on }) => on);
  expect([...new Set(lambdas)].sort()).toEqual([
    '${PrepareFunctionArn}',
    '${PublishFunctionArn}',
    '${RebuildFunctionArn}',
    '${TransformFunctionArn}',
  ]);
  const maps = permissions.filter(({ state }) => state === 'PublishDates').map(({ action }) => action);
  expect([...new Set(maps)].sort()).toEqual([
    's3:AbortMultipartUpload',
    's3:GetObject',
    's3:ListMultipartUploadParts',
    's3:PutObject',
    'states:DescribeExecution',
    'states:RedriveExecution',
    'states:StartExecution',
    'states:StopExecution',
  ]);
});

test('a Resource that nobody has thought about is refused', () => {
  const States = { New: { Type: 'Task', Resource: 'arn:aws:states:::dynamodb:putItem' } } as const;
  expect(() => requiredPermissions({ States })).toThrow('dynamodb:putItem');
});
