import type { OpenAPIHono } from '@hono/zod-openapi'

/** The description of the API, as OpenAPI 3.1. */
export type OpenApiDocument = ReturnType<OpenAPIHono['getOpenAPI31Document']>

/** What the description says of the API as a whole. */
export const openApiOf = (app: OpenAPIHono, version: string): OpenApiDocument => {
  app.openAPIRegistry.registerComponent('securitySchemes', 'key', {
    type: 'http',
    scheme: 'bearer',
    description:
      'A key of `steptrail keys create`, or a token of the configured issuer. Not asked for on a loopback address ' +
      'as long as there is no key.',
  })
  return app.getOpenAPI31Document(
    {
      openapi: '3.1.0',
      info: {
        title: 'Steptrail',
        version,
        description: 'The audit trail for automated workflows. Errors are problems (RFC 9457) with a `code`.',
        license: { name: 'Apache-2.0' },
      },
      tags: [
        { name: 'events', description: 'What is on record, and what comes.' },
        { name: 'executions', description: 'Workflows that run and ran, their steps, and orders to them.' },
        { name: 'analytics', description: 'How well workflows do.' },
        { name: 'log', description: 'Proofs that what is on record is what was recorded.' },
        { name: 'discovery', description: 'Workflows for a situation, step by step, for agents and people.' },
        { name: 'catalog', description: 'Workflows on offer, and which was chosen and why.' },
        { name: 'retention', description: 'What is kept, how long, and what is held.' },
        { name: 'engine', description: 'Workers that cannot reach the database.' },
        { name: 'keys', description: 'Who may use the server.' },
        { name: 'operation', description: 'How the server does.' },
      ],
    },
    { sortComponents: 'alphabetically' },
  )
}
