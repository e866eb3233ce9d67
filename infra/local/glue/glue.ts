import { setImmediate as nextTurn } from 'node:timers/promises';
import { findPartitions, registerPartitions } from './partitions.ts';

/** The one crawler there is on this machine. */
export const LOCAL_CRAWLER_NAME = 'playlist-lake';

/** What Step Functions shows of `GetCrawler`, as far as a state machine needs it. */
export interface GetCrawlerResponse {
  readonly Crawler: {
    readonly Name: string;
    readonly State: 'READY' | 'RUNNING';
    /** Absent before the first crawl; the previous crawl while one is running. */
    readonly LastCrawl?: LastCrawl;
  };
}

interface LastCrawl {
  readonly Status: 'SUCCEEDED' | 'FAILED';
  /** ISO 8601 in whole seconds, as Step Functions shows Glue's own times: `2026-11-23T06:00:12Z`. */
  readonly StartTime: string;
  readonly ErrorMessage?: string;
}

export interface LocalGlue {
  startCrawler(request: { Name: string }): Promise<Record<string, never>>;
  getCrawler(request: { Name: string }): Promise<GetCrawlerResponse>;
}

interface LocalGlueOptions {
  readonly lakeDir: string;
  readonly now: () => Date;
  readonly crawlerName?: string;
}

/** An error under the name by which a Catch or Retry knows it: the service, then the exception. */
function glueError(exception: string, message: string): Error {
  return Object.assign(new Error(message), { name: `Glue.${exception}` });
}

const wholeSeconds = (date: Date): string => date.toISOString().replace(/\.\d{3}Z$/, 'Z');

/**
 * Stands for the Glue crawler and the Data Catalog. A crawl looks at the folders under `transformed/` and registers
 * them as partitions; SQL sees nothing that was not crawled. It runs on its own after `startCrawler` has answered, so
 * the machine has to poll here too.
 *
 * @throws `Glue.CrawlerRunningException` from startCrawler, `Glue.EntityNotFoundException` from both.
 */
export function createLocalGlue({ lakeDir, now, crawlerName = LOCAL_CRAWLER_NAME }: LocalGlueOptions): LocalGlue {
  let running = false;
  let lastCrawl: LastCrawl | undefined;

  const crawl = async (StartTime: string): Promise<void> => {
    try {
      // As on AWS, whoever started it hears of its end only by asking.
      await nextTurn();
      await registerPartitions(lakeDir, findPartitions(lakeDir));
      lastCrawl = { Status: 'SUCCEEDED', StartTime };
    } catch (error) {
      lastCrawl = { Status: 'FAILED', StartTime, ErrorMessage: Error.isError(error) ? error.message : String(error) };
    } finally {
      running = false;
    }
  };

  const assertKnown = (name: string): void => {
    if (name !== crawlerName) throw glueError('EntityNotFoundException', `Crawler with name ${name} does not exist`);
  };

  return {
    async startCrawler({ Name }) {
      assertKnown(Name);
      if (running) throw glueError('CrawlerRunningException', `Crawler with name ${Name} has already started`);
      running = true;
      void crawl(wholeSeconds(now()));
      return {};
    },
    async getCrawler({ Name }) {
      assertKnown(Name);
      return { Crawler: { Name, State: running ? 'RUNNING' : 'READY', ...(lastCrawl && { LastCrawl: lastCrawl }) } };
    },
  };
}
