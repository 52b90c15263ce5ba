import type { Stage } from './stage.ts'

/** The secret of a new key, made with another one's. From the first one on, the server asks for one. */
export async function madeKey({ url }: Stage, key: object, admin?: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/keys`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(admin !== undefined && { authorization: `Bearer ${admin}` }),
    },
    body: JSON.stringify(key),
  })
  if (!response.ok) throw new Error(`no key was made: ${await response.text()}`)
  return ((await response.json()) as { readonly secret: string }).secret
}
