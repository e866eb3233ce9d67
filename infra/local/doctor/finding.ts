/** What the doctor says about one thing. */
export type Finding =
  | { readonly about: string; readonly is: 'fine'; readonly detail: string }
  | { readonly about: string; readonly is: 'notice' | 'problem'; readonly detail: string; readonly remedy: string };

const MARKS = { fine: 'ok     ', notice: 'notice ', problem: 'PROBLEM' } as const;

/** A line each, and below it the remedy. */
export const findingLines = (finding: Finding): string =>
  `${MARKS[finding.is]}  ${finding.about}: ${finding.detail}${finding.is === 'fine' ? '' : `\n         ${finding.remedy}`}`;
