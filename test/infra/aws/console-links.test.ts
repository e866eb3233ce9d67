import { expect, test } from '@jest/globals';
import { executionLink } from '../../../infra/aws/console-links.ts';

test.each([
  [
    'arn:aws:states:eu-central-1:1:execution:m:r',
    'https://eu-central-1.console.aws.amazon.com/states/home?region=eu-central-1',
  ],
  [
    'arn:aws-cn:states:cn-north-1:1:execution:m:r',
    'https://cn-north-1.console.amazonaws.cn/states/home?region=cn-north-1',
  ],
  [
    'arn:aws-us-gov:states:us-gov-west-1:1:execution:m:r',
    'https://us-gov-west-1.console.amazonaws-us-gov.com/states/home?region=us-gov-west-1',
  ],
])('%s', (arn, page) => {
  expect(executionLink(arn)).toBe(`${page}#/v2/executions/details/${arn}`);
});
