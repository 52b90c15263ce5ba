import type { OpenAPIHono } from '@hono/zod-openapi'
import { docsScript, docsStyle } from './docs-assets.ts'
import { docsPage } from './docs-page.ts'
import type { OpenApiDocument } from './openapi.ts'

/** What the documentation may load: only what this server has. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** `/openapi.json`, and `/docs` made of it. */
export function addDocuments(app: OpenAPIHono, document: OpenApiDocument): void {
  const page = docsPage(document)
  const text = JSON.stringify(document, null, 2)
  const serve = (path: string, content: string, mediaType: string): void => {
    app.get(path, () => {
      const headers = {
        'content-type': mediaType,
        'content-security-policy': policy,
        'cache-control': 'no-cache',
      }
      return new Response(content, { headers })
    })
  }
  serve('/openapi.json', `${text}\n`, 'application/json')
  serve('/docs', page, 'text/html; charset=utf-8')
  serve('/docs/style.css', docsStyle, 'text/css; charset=utf-8')
  serve('/docs/script.js', docsScript, 'text/javascript; charset=utf-8')
}
