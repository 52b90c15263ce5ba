/** Bytes of JavaScript, compressed by gzip, that the first page of the server at `url` names. */
export async function firstLoadBytes(url: string): Promise<number> {
  const page = await (await fetch(`${url}/`, { headers: { accept: 'text/html' } })).text()
  const paths = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map(([, path]) => path ?? '')
  const sizes = await Promise.all(
    paths.map(async (path) => {
      const { headers } = await fetch(`${url}${path}`, { headers: { 'accept-encoding': 'gzip' } })
      return Number(headers.get('content-length') ?? Number.NaN)
    }),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
