/** The style of the documentation. */
export const docsStyle = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 64rem; padding: 1rem; }
details { border: 1px solid color-mix(in srgb, currentcolor 20%, transparent); border-radius: .4rem; margin: .4rem 0; padding: .5rem .8rem; }
summary { cursor: pointer; }
summary b { display: inline-block; min-width: 4.5rem; }
.get { color: #1769aa; } .post { color: #2e7d32; } .delete { color: #c62828; }
code, pre, textarea, input { font-family: ui-monospace, monospace; font-size: .9rem; }
form { display: grid; gap: .5rem; margin: .5rem 0; }
label { display: grid; gap: .1rem; }
label small, .scope { opacity: .75; }
input, select, textarea { font-size: .9rem; max-width: 40rem; padding: .25rem; }
button { justify-self: start; padding: .3rem 1rem; }
pre { background: color-mix(in srgb, currentcolor 8%, transparent); border-radius: .3rem; max-height: 30rem; overflow: auto; padding: .6rem; white-space: pre-wrap; }
`

/** What sends the requests of the documentation, from the page itself and to this server only. */
export const docsScript = `'use strict'
const valueOf = (form, place) =>
  [...form.elements].filter((field) => field.dataset.in === place && field.value !== '')

async function send(form) {
  let path = form.dataset.path
  for (const field of valueOf(form, 'path')) path = path.replace('{' + field.name + '}', encodeURIComponent(field.value))
  const query = new URLSearchParams(valueOf(form, 'query').map((field) => [field.name, field.value]))
  const [body] = valueOf(form, 'body')
  const key = document.getElementById('key').value
  const headers = {}
  if (key !== '') headers.authorization = 'Bearer ' + key
  if (body) headers['content-type'] = body.dataset.type
  const url = path + (query.size > 0 ? '?' + query : '')
  const output = form.parentElement.querySelector('pre')
  output.hidden = false
  output.textContent = form.dataset.method + ' ' + url + '\\n\\n'
  const response = await fetch(url, { method: form.dataset.method, headers, body: body && body.value })
  output.textContent += response.status + ' ' + response.statusText + '\\n\\n'
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    text += value
    if (text.length > 200000) { await reader.cancel(); text += '\\n… (cut)'; break }
    output.textContent = form.dataset.method + ' ' + url + '\\n\\n' + response.status + '\\n\\n' + text
  }
  try { text = JSON.stringify(JSON.parse(text), null, 2) } catch { return }
  output.textContent = form.dataset.method + ' ' + url + '\\n\\n' + response.status + '\\n\\n' + text
}

document.addEventListener('submit', (event) => {
  event.preventDefault()
  const output = event.target.parentElement.querySelector('pre')
  send(event.target).catch((error) => { output.textContent += String(error) })
})
`
