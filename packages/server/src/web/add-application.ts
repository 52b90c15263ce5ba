import { randomBytes } from 'node:crypto'
import type { OpenAPIHono } from '@hono/zod-openapi'
import { acceptedEncodings } from '../endpoint/accepted-encodings.ts'
import { type ApplicationFile, applicationFiles, encodings } from './application-files.ts'

/** What the built page has where the nonce of an answer belongs. */
const noncePlace = 'NONCE-OF-THE-ANSWER'

/** Only what this server has, and styles that its own page brings, by a nonce of the answer. */
const policyOf = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

/** A script that runs as a worker keeps to the policy that came with it: it may ask this server, and nobody else. */
const filePolicy = "default-src 'none'; connect-src 'self'; frame-ancestors 'none'"

/**
 * The pages for people: the built files by their names, and the one page for every other address that a browser asks
 * for, below `/api/` and `/v1/` excepted. Where nothing is built, there are no pages.
 */
export function addApplication(app: OpenAPIHono, files = applicationFiles()): void {
  const page = files.get('/index.html')
  if (!page) return
  const text = new TextDecoder().decode(page.plain)
  app.get('*', async (context, next) => {
    const file = files.get(context.req.path)
    if (file && file !== page)
      return answerFile(file, context.req.path, context.req.header('accept-encoding'))
    const isPage = context.req.header('accept')?.includes('text/html') === true
    if (!isPage || /^\/(api|v1)\//.test(context.req.path)) return await next()
    return answerPage(text)
  })
}

function answerPage(text: string): Response {
  const nonce = randomBytes(18).toString('base64url')
  return new Response(text.replaceAll(noncePlace, nonce), {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policyOf(nonce),
      'cache-control': 'no-store',
    },
  })
}

function answerFile(file: ApplicationFile, path: string, accepted = ''): Response {
  const taken = acceptedEncodings(accepted)
  const encoding = encodings.find((each) => taken.has(each) && file.encoded[each])
  return new Response((encoding && file.encoded[encoding]) ?? file.plain, {
    headers: {
      'content-type': file.mediaType,
      'content-security-policy': filePolicy,
      vary: 'accept-encoding',
      // The names of assets hold a digest of their content.
      'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      ...(encoding && { 'content-encoding': encoding }),
    },
  })
}
