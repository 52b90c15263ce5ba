export * from './recorded-events.ts'
export * from './stories.ts'
