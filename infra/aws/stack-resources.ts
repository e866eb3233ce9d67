import { CloudFormationClient, GetTemplateCommand, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import * as z from 'zod';
import type { ClientSettings } from './client-settings.ts';
import { parseJson } from './json-text.ts';

/** What a stack is made of, as CloudFormation knows it: the template as it was deployed, and each resource's name. */
export interface StackResource {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  /** Stays when the stack is destroyed. */
  readonly isKept: boolean;
  readonly properties: Readonly<Record<string, unknown>>;
}

const TemplateSchema = z.object({
  Resources: z.record(
    z.string(),
    z.object({ DeletionPolicy: z.string().optional(), Properties: z.record(z.string(), z.unknown()).optional() }),
  ),
});

/** IAM actions of `stackResources`. */
export const RESOURCE_CALLS = ['cloudformation:ListStackResources', 'cloudformation:GetTemplate'] as const;

export async function stackResources(stackId: string, settings: ClientSettings): Promise<StackResource[]> {
  const client = new CloudFormationClient(settings);
  const { TemplateBody = '' } = await client.send(
    new GetTemplateCommand({ StackName: stackId, TemplateStage: 'Original' }),
  );
  const template = TemplateSchema.safeParse(parseJson(TemplateBody));
  const declared = template.success ? template.data.Resources : {};
  const found: StackResource[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName: stackId })) {
    for (const { LogicalResourceId = '', PhysicalResourceId = '', ResourceType = '' } of StackResourceSummaries) {
      const { DeletionPolicy = 'Delete', Properties = {} } = declared[LogicalResourceId] ?? {};
      found.push({
        logicalId: LogicalResourceId,
        physicalId: PhysicalResourceId,
        type: ResourceType,
        isKept: DeletionPolicy.startsWith('Retain') && DeletionPolicy !== 'RetainExceptOnCreate',
        properties: Properties,
      });
    }
  }
  return found;
}
