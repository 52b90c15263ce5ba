/** Where a worker says what it cannot return or throw to anybody. `console` is one. What it throws itself is lost. */
export interface Logger {
  warn(message: string, details: Readonly<Record<string, unknown>>): void
  error(message: string, details: Readonly<Record<string, unknown>>): void
}

/** The same, made safe: a logger that throws must not end the worker, nor cost it its lease. */
export function carefully(logger: Logger): Logger {
  const say =
    (level: keyof Logger): Logger['warn'] =>
    (message, details) => {
      try {
        logger[level](message, details)
      } catch {
        // There is nowhere left to say it.
      }
    }
  return { warn: say('warn'), error: say('error') }
}
