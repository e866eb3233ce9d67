/** The package has no types of its own; this is what is used of it. */
declare module 'asl-validator' {
  export default function aslValidator(
    definition: unknown,
    options?: Readonly<Record<string, boolean>>,
  ): { readonly isValid: boolean; readonly errorsText: (separator?: string) => string };
}
