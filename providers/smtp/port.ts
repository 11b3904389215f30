export interface OutgoingMail {
  /** Goes into Message-ID: the same mail sent twice after a lost answer is recognisable as one. */
  id: string;
  to: string;
  subject: string;
  text: string;
}

/** The mail relay for our own notifications. Throws ProviderError: 4xx busy, 5xx refused, lost after DATA unknown. */
export interface Mailer {
  /** Connects, signs in where a login is set, and leaves: throws where the relay would not take a mail now. */
  ping(): Promise<void>;
  send(mail: OutgoingMail): Promise<void>;
  close(): void;
}
