import { ArnFormat, Aws, type CfnElement, Stack, Validations } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { TABLE_NAMES } from '../../functions/domain/tables.ts';

/**
 * What the roles may do, in the words of the lake. `test/infra/permissions.long.test.ts` computes the calls that the state
 * machine and the functions make and holds the template against them both ways.
 */

export const allow = (actions: readonly string[], resources: readonly string[]) =>
  new iam.PolicyStatement({ actions: [...actions], resources: [...resources] });

export const readObjects = (bucket: s3.IBucket, ...prefixes: string[]) =>
  allow(
    ['s3:GetObject'],
    prefixes.map((prefix) => bucket.arnForObjects(`${prefix}/*`)),
  );

export const writeObjects = (bucket: s3.IBucket, ...prefixes: string[]) =>
  allow(
    ['s3:PutObject'],
    prefixes.map((prefix) => bucket.arnForObjects(`${prefix}/*`)),
  );

export const deleteObjects = (bucket: s3.IBucket, ...prefixes: string[]) =>
  allow(
    ['s3:DeleteObject'],
    prefixes.map((prefix) => bucket.arnForObjects(`${prefix}/*`)),
  );

/**
 * Without a condition on the prefix: S3 asks for it too when an object is not there, then without a prefix, and says
 * "access denied" in place of "no such key" to whoever lacks it.
 */
export const listBucket = (bucket: s3.IBucket) => allow(['s3:ListBucket'], [bucket.bucketArn]);

/** The catalogue itself, the database and each of its tables: what Glue asks for whenever a table is read. */
export function catalogueArns(scope: Construct, database: string): string[] {
  const arn = (resource: string, resourceName?: string) =>
    Stack.of(scope).formatArn({ service: 'glue', resource, ...(resourceName ? { resourceName } : {}) });
  return [
    arn('catalog'),
    arn('database', database),
    ...TABLE_NAMES.map((table) => arn('table', `${database}/${table}`)),
  ];
}

/** Athena looks at the database `default` whatever is asked; the documentation calls it mandatory. */
export const defaultDatabase = (scope: Construct) =>
  Stack.of(scope).formatArn({ service: 'glue', resource: 'database', resourceName: 'default' });

export const crawlerArn = (scope: Construct, name: string) =>
  Stack.of(scope).formatArn({ service: 'glue', resource: 'crawler', resourceName: name });

export const workGroupArn = (scope: Construct, name: string) =>
  Stack.of(scope).formatArn({ service: 'athena', resource: 'workgroup', resourceName: name });

export const dataCatalogArn = (scope: Construct) =>
  Stack.of(scope).formatArn({ service: 'athena', resource: 'datacatalog', resourceName: 'AwsDataCatalog' });

/** Glue's own group for the logs of crawlers; each crawler has a stream in it, named after itself. */
export const crawlerLogGroupArn = (scope: Construct) =>
  Stack.of(scope).formatArn({
    service: 'logs',
    resource: 'log-group',
    resourceName: '/aws-glue/crawlers',
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });

/** Lake Formation hands out the credentials itself where it governs the catalogue; the action takes no resource. */
export const lakeFormationAccess = () => allow(['lakeformation:GetDataAccess'], ['*']);

/** For a policy that lets a service of AWS in: this account only, not a confused deputy. */
export const onlyThisAccount = { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } };

/** What S3, Secrets Manager and SNS ask for in the name of whoever reads and writes with a key. */
export const useKey = (key: kms.IKey) => allow(['kms:Decrypt', 'kms:GenerateDataKey'], [key.keyArn]);

/** cdk-nag asks for a reason wherever a resource ends with a wildcard; these hold for objects below a prefix. */
export function acknowledgePrefixes(role: iam.Role, bucket: s3.IBucket, ...prefixes: string[]) {
  const made = bucket.node.defaultChild as CfnElement | undefined;
  const shown = made
    ? `<${Stack.of(bucket).getLogicalId(made)}.Arn>`
    : `arn:<AWS::Partition>:s3:::${bucket.bucketName}`;
  for (const prefix of prefixes) {
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${shown}/${prefix}/*]`,
      reason: `Objects below ${prefix}/ only; their keys hold dates, runs and playlists that nobody knows beforehand.`,
    });
  }
}

export function acknowledgeAllResources(role: iam.Role, what: string) {
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason: `${what}: these actions take no resource, as the Service Authorization Reference says.`,
  });
}
