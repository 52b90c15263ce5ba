import type { OpenApiDocument } from './openapi.ts'

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required?: boolean
  readonly description?: string
  readonly schema?: { readonly type?: unknown; readonly enum?: readonly unknown[] }
}

interface Operation {
  readonly summary?: string
  readonly description?: string
  readonly tags?: readonly string[]
  readonly operationId?: string
  readonly security?: readonly { readonly key?: readonly string[] }[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly content: Readonly<Record<string, unknown>> }
}

const methods = ['get', 'post', 'delete'] as const

/** The documentation of the API as one page, which asks nobody else for anything. */
export function docsPage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    methods.flatMap((method) => {
      const operation = (item as Readonly<Record<string, unknown>>)[method] as Operation | undefined
      return operation ? [operationSection(method, path, operation)] : []
    }),
  )
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Steptrail API</title>
<link rel="stylesheet" href="/docs/style.css">
<script src="/docs/script.js" defer></script>
</head>
<body>
<header>
<h1>Steptrail API <small>${escaped(document.info.version)}</small></h1>
<p>${inline(document.info.description ?? '')} For programs: <a href="/openapi.json">openapi.json</a>.</p>
<label>Key or token <input id="key" type="password" autocomplete="off" placeholder="none"></label>
</header>
<main>
${operations.join('\n')}
</main>
</body>
</html>
`
}

function operationSection(method: string, path: string, operation: Operation): string {
  const scope = operation.security?.[0]?.key?.[0]
  return `<details id="${escaped(operation.operationId ?? path)}">
<summary><b class="${method}">${method.toUpperCase()}</b> <code>${escaped(path)}</code> <span>${escaped(operation.summary ?? '')}</span></summary>
${operation.description === undefined ? '' : `<p>${inline(operation.description)}</p>`}
<p class="scope">${scope === undefined ? 'Open to everybody.' : `Needs the scope <code>${escaped(scope)}</code>.`}</p>
<form data-method="${method.toUpperCase()}" data-path="${escaped(path)}">
${(operation.parameters ?? []).map(parameterField).join('\n')}
${bodyField(operation)}
<button>Send</button>
</form>
<pre hidden></pre>
</details>`
}

function parameterField({ name, in: place, required, description = '', schema }: Parameter): string {
  const values = schema?.enum
  const attributes = `name="${escaped(name)}" data-in="${escaped(place)}"${required ? ' required' : ''}`
  const options = (values ?? []).map((value) => `<option>${escaped(String(value))}</option>`).join('')
  const field = values
    ? `<select ${attributes}><option value=""></option>${options}</select>`
    : `<input ${attributes} placeholder="${escaped(typeOf(schema))}">`
  return `<label>${escaped(name)}${required ? ' *' : ''} ${field}<small>${inline(description)}</small></label>`
}

const typeOf = (schema: Parameter['schema']): string => (typeof schema?.type === 'string' ? schema.type : '')

function bodyField({ requestBody }: Operation): string {
  if (!requestBody) return ''
  const [mediaType = 'application/json'] = Object.keys(requestBody.content)
  return `<label>Body (${escaped(mediaType)}) <textarea data-in="body" data-type="${escaped(mediaType)}" rows="6"></textarea></label>`
}

const inline = (text: string): string => escaped(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>')

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escaped = (text: string): string =>
  text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? '')
