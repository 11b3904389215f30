import { type Logger, pino } from 'pino';

export type { Logger };

/** JSON lines on stdout. What may hold a secret is blanked wherever it turns up. */
export function createLogger(name: string, level: string): Logger {
  return pino({
    name,
    level,
    redact: {
      paths: [
        'password',
        'token',
        'secret',
        'authorization',
        '*.password',
        '*.token',
        '*.secret',
        '*.authorization',
        'headers.cookie',
      ],
      censor: '[redacted]',
    },
  });
}
