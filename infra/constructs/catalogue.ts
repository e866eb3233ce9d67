import { Aws, Stack, Validations } from 'aws-cdk-lib';
import * as athena from 'aws-cdk-lib/aws-athena';
import * as glue from 'aws-cdk-lib/aws-glue';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as s3 from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { TABLE_NAMES } from '../../functions/domain/tables.ts';
import { DERIVED_VIEWS } from '../derived-views.ts';
import { EXAMPLE_QUERIES } from '../example-queries.ts';
import type { Databases } from '../reader-views.ts';
import { derivedView, publishedTable, readerView, stagingTable } from './glue-tables.ts';
import {
  acknowledgeAllResources,
  acknowledgePrefixes,
  allow,
  catalogueArns,
  crawlerLogGroupArn,
  lakeFormationAccess,
  listBucket,
  readObjects,
  useKey,
} from './permissions.ts';

export interface CatalogueProps {
  readonly bucket: s3.IBucket;
  readonly key: kms.IKey | undefined;
  readonly databases: Databases;
  readonly lakeFormation: boolean;
}

/** A query that would read more is stopped: 10 GiB cost 0.05 USD, and a year of 1,000 playlists is smaller. */
const CUTOFF_BYTES = 10 * 1024 ** 3;

/** On the catalogue, the database and its tables. It creates no table and removes nothing. */
const CRAWLER_ACTIONS = [
  'glue:GetDatabase',
  'glue:GetTable',
  'glue:GetTables',
  'glue:UpdateTable',
  'glue:GetPartition',
  'glue:GetPartitions',
  'glue:BatchGetPartition',
  'glue:BatchCreatePartition',
  'glue:UpdatePartition',
];

/** What makes the files a database: tables, the crawler that registers partitions, readers' views, the workgroup. */
export class Catalogue extends Construct {
  readonly crawler: glue.CfnCrawler;
  readonly workGroup: athena.CfnWorkGroup;

  constructor(scope: Construct, id: string, props: CatalogueProps) {
    super(scope, id);
    const { bucket, databases } = props;
    const staging = this.database('Staging', databases.staging, 'Every run; the pipeline writes and checks here.');
    const readers = this.database('Readers', databases.readers, 'Published snapshots, one view a table.');
    const tables = TABLE_NAMES.map((name) =>
      this.table(`Staging_${name}`, staging, stagingTable(name, bucket.bucketName)),
    );
    this.table('Published', readers, publishedTable(bucket.bucketName));
    for (const name of TABLE_NAMES) this.table(`View_${name}`, readers, readerView(name, databases));
    for (const one of DERIVED_VIEWS) this.table(`View_${one.name}`, readers, derivedView(one, databases));
    this.crawler = this.newCrawler(props);
    for (const table of tables) this.crawler.addResourceDependency(table);
    this.workGroup = this.newWorkGroup(props);
  }

  private database(id: string, name: string, description: string): glue.CfnDatabase {
    return new glue.CfnDatabase(this, id, { catalogId: Aws.ACCOUNT_ID, databaseInput: { name, description } });
  }

  private table(id: string, database: glue.CfnDatabase, tableInput: glue.CfnTable.TableInputProperty): glue.CfnTable {
    const props = { catalogId: Aws.ACCOUNT_ID, databaseName: database.ref, tableInput };
    return new glue.CfnTable(this, id, props);
  }

  /**
   * It only registers partitions: the tables' types are the data contract's, and a partition inherits them. LOG is the
   * only behaviour that Glue allows for catalogue targets.
   */
  private newCrawler({ bucket, key, databases, lakeFormation }: CatalogueProps): glue.CfnCrawler {
    const role = this.crawlerRole(bucket, databases, lakeFormation);
    if (key) role.addToPolicy(useKey(key));
    const crawler = new glue.CfnCrawler(this, 'Crawler', {
      description: 'Registers the partitions of each snapshot. Started by the state machine, never by a schedule.',
      role: role.roleArn,
      targets: { catalogTargets: [{ databaseName: databases.staging, tables: TABLE_NAMES }] },
      schemaChangePolicy: { updateBehavior: 'LOG', deleteBehavior: 'LOG' },
      configuration: JSON.stringify({
        Version: 1,
        CrawlerOutput: { Partitions: { AddOrUpdateBehavior: 'InheritFromTable' } },
        Grouping: { TableGroupingPolicy: 'CombineCompatibleSchemas' },
      }),
    });
    Validations.of(crawler).acknowledge({
      id: 'AwsSolutions-GL1',
      reason: "The crawler's log names partitions, which hold dates and run names: no data and no secret to encrypt.",
    });
    return crawler;
  }

  private crawlerRole(bucket: s3.IBucket, databases: Databases, lakeFormation: boolean): iam.Role {
    const role = new iam.Role(this, 'CrawlerRole', {
      description: 'The crawler: reads transformed/, registers partitions of the staging tables.',
      assumedBy: new iam.ServicePrincipal('glue.amazonaws.com'),
    });
    role.addToPolicy(readObjects(bucket, 'transformed'));
    role.addToPolicy(listBucket(bucket));
    role.addToPolicy(allow(CRAWLER_ACTIONS, catalogueArns(this, databases.staging)));
    role.addToPolicy(
      allow(
        ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
        [crawlerLogGroupArn(this), `${crawlerLogGroupArn(this)}:*`],
      ),
    );
    acknowledgePrefixes(role, bucket, 'transformed');
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:/aws-glue/crawlers:*]',
      reason: "The streams of Glue's own log group; the crawler makes one with its own name.",
    });
    if (lakeFormation) {
      role.addToPolicy(lakeFormationAccess());
      acknowledgeAllResources(role, 'Lake Formation');
    }
    return role;
  }

  private newWorkGroup({ bucket, key, databases }: CatalogueProps): athena.CfnWorkGroup {
    const workGroup = new athena.CfnWorkGroup(this, 'WorkGroup', {
      // CloudFormation demands a name; the stack's is unique in account and region.
      name: Stack.of(this).stackName,
      description: 'Playlist Lake: the checks of each run, and your queries.',
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: CUTOFF_BYTES,
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        resultConfiguration: {
          outputLocation: `s3://${bucket.bucketName}/athena-results/`,
          encryptionConfiguration: key
            ? { encryptionOption: 'SSE_KMS', kmsKey: key.keyArn }
            : { encryptionOption: 'SSE_S3' },
          expectedBucketOwner: Aws.ACCOUNT_ID,
        },
      },
    });
    for (const [name, { description, sql }] of Object.entries(EXAMPLE_QUERIES)) {
      new athena.CfnNamedQuery(this, `Query_${name}`, {
        name: `Playlist Lake: ${description}`,
        description,
        database: databases.readers,
        workGroup: workGroup.ref,
        queryString: sql,
      });
    }
    return workGroup;
  }
}
