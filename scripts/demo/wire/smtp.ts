import { createTransport } from 'nodemailer';

const TIMEOUT_MS = 5000;

/** Hands a mail to the server of its recipient, without a login, as any other mail server does. */
export async function sendMail(
  server: { host: string; port: number },
  mail: { from: string; to: string; subject: string; text: string },
): Promise<void> {
  const patience = { connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS };
  const transport = createTransport({ ...server, ...patience, ignoreTLS: true });
  try {
    await transport.sendMail(mail);
  } finally {
    transport.close();
  }
}
