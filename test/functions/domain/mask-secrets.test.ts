import { expect, test } from '@jest/globals';
import { maskSecrets } from '../../../functions/domain/mask-secrets.ts';

test.each([
  ['as it stands, more than once', 'secret-one and secret-one', '*** and ***'],
  ['as a form carries it', 'refresh_token=a%2Fb+c%3D%3Dd', 'refresh_token=***'],
  ['a secret that begins with another secret', 'secret-one-and-more', '***'],
  ['a stand-in’s short word is no secret', 'none of these', 'none of these'],
])('%s', (_case, text, masked) => {
  expect(maskSecrets(text, ['secret-one', 'a/b c==d', 'secret-one-and-more', 'none', ''])).toBe(masked);
});
