/** Spotify's are 32 characters and more. A stand-in's may be a plain word, which would blank out half a message. */
const SHORTEST_SECRET = 8;

const inForm = (text: string): string => new URLSearchParams({ '': text }).toString().slice('='.length);

/**
 * Replaces every secret in a text that is about to be shown. Proxies and gateways are known to echo a request back in
 * their error page, headers and form included, so a text from outside may hold our own secrets, also URL-encoded.
 * Mask first and cut afterwards: half a secret is not recognised any more.
 */
export function maskSecrets(text: string, secrets: Iterable<string>): string {
  const long = [...secrets].filter((secret) => secret.length >= SHORTEST_SECRET);
  // Longest first, or a secret that begins with another one would leave its tail behind.
  const forms = long.flatMap((secret) => [secret, inForm(secret)]).sort((a, b) => b.length - a.length);
  return forms.reduce((masked, form) => masked.replaceAll(form, '***'), text);
}
