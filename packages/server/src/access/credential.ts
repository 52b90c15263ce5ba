/** What a request shows for who it comes from. */
export type Credential =
  | { readonly kind: 'none' }
  /** An `Authorization` that is of no form that is taken. */
  | { readonly kind: 'malformed' }
  | { readonly kind: 'key'; readonly secret: string }
  | { readonly kind: 'token'; readonly token: string }

/** The credential of a request: `Authorization: Bearer`, with a key or a token. */
export function credentialOf(request: Request, secretPrefix: string): Credential {
  const header = request.headers.get('authorization')
  if (header === null) return { kind: 'none' }
  const [, text] = /^bearer +([\w.~+/=-]{1,8000})$/i.exec(header.trim()) ?? []
  if (text === undefined) return { kind: 'malformed' }
  return text.startsWith(secretPrefix) ? { kind: 'key', secret: text } : { kind: 'token', token: text }
}
