import { Duration, type RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import type * as kms from 'aws-cdk-lib/aws-kms';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { PLACEHOLDER_KEY } from '../../functions/adapters/secrets.ts';
import type { DeploymentConfig } from '../config.ts';

export interface DataLakeProps {
  readonly config: Pick<DeploymentConfig, 'retentionDays' | 'tableRetentionDays' | 'bucketName' | 'secretArn'>;
  readonly removalPolicy: RemovalPolicy;
  readonly key: kms.IKey | undefined;
}

/** S3 counts to the next midnight and may be late: for so long the tables outlive what points at them. */
const TABLES_OUTLIVE_POINTERS_DAYS = 7;
/** A mistaken deletion can be taken back for so long, or as long as raw/ lives if that is less. */
const OLD_VERSIONS_DAYS = 30;

/**
 * The pointer of a date expires before its tables, never after: so a snapshot goes from the views as a whole, and no
 * query meets one of which half the tables are gone. Publish sweeps tables that nothing points at, and so does S3.
 */
function lifecycleRules({ retentionDays, tableRetentionDays }: DataLakeProps['config']): s3.LifecycleRule[] {
  const expire = (prefix: string, days: number) => ({
    id: prefix,
    prefix: `${prefix}/`,
    expiration: Duration.days(days),
  });
  return [
    { id: 'uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
    expire('raw', retentionDays),
    expire('rebuild', retentionDays),
    expire('published', tableRetentionDays),
    expire('transformed', tableRetentionDays + TABLES_OUTLIVE_POINTERS_DAYS),
    expire('athena-results', 14),
    {
      id: 'old-versions',
      noncurrentVersionExpiration: Duration.days(Math.min(OLD_VERSIONS_DAYS, retentionDays)),
      expiredObjectDeleteMarker: true,
    },
  ];
}

/** What lasts: the bucket with the lake in it and the secret with the Spotify credentials. */
export class DataLake extends Construct {
  readonly bucket: s3.IBucket;
  readonly secret: secretsmanager.ISecret;

  constructor(scope: Construct, id: string, { config, removalPolicy, key }: DataLakeProps) {
    super(scope, id);
    this.bucket = config.bucketName
      ? s3.Bucket.fromBucketName(this, 'Bucket', config.bucketName)
      : this.newBucket(lifecycleRules(config), removalPolicy, key);
    this.secret = config.secretArn
      ? secretsmanager.Secret.fromSecretCompleteArn(this, 'SpotifyCredentials', config.secretArn)
      : this.newSecret(removalPolicy, key);
  }

  private newBucket(
    lifecycleRules: s3.LifecycleRule[],
    removalPolicy: RemovalPolicy,
    key: kms.IKey | undefined,
  ): s3.IBucket {
    const common: s3.BucketProps = {
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy,
      autoDeleteObjects: false,
    };
    const accessLogs = new s3.Bucket(this, 'AccessLogs', {
      ...common,
      encryption: s3.BucketEncryption.S3_MANAGED,
      lifecycleRules: [{ expiration: Duration.days(90), abortIncompleteMultipartUploadAfter: Duration.days(1) }],
    });
    Validations.of(accessLogs).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'This is the bucket that receives the access logs; logging itself would never end.',
    });
    // The CDK's classes do not fit its own interfaces under exactOptionalPropertyTypes; hence `as`.
    const bucket = new s3.Bucket(this, 'Bucket', {
      ...common,
      ...(key
        ? { encryption: s3.BucketEncryption.KMS, encryptionKey: key, bucketKeyEnabled: true }
        : { encryption: s3.BucketEncryption.S3_MANAGED }),
      versioned: true,
      serverAccessLogsBucket: accessLogs as s3.IBucket,
      serverAccessLogsPrefix: 'lake/',
      lifecycleRules,
    });
    return bucket as s3.IBucket;
  }

  private newSecret(removalPolicy: RemovalPolicy, key: kms.IKey | undefined): secretsmanager.ISecret {
    const secret = new secretsmanager.Secret(this, 'SpotifyCredentials', {
      description: `${Stack.of(this).stackName}: the Spotify app's credentials and the refresh token`,
      removalPolicy,
      ...(key ? { encryptionKey: key } : {}),
      // Never change this: another value here would replace the stored credentials.
      generateSecretString: {
        secretStringTemplate: '{}',
        generateStringKey: PLACEHOLDER_KEY,
        passwordLength: 8,
        excludePunctuation: true,
      },
    });
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'Spotify has no API that rotates a client secret; a new refresh token is stored by Extract as it comes.',
    });
    return secret as secretsmanager.ISecret;
  }
}
