/** A VAT number of the European Union: its country's prefix (EL for Greece) and the rest. */
export interface VatNumber {
  country: string;
  number: string;
}

export interface VatAnswer {
  valid: boolean;
  /** Proof of the question, where who asks has named itself; undefined where VIES gave none. */
  consultation: string | undefined;
  /** When VIES was asked, as it says. */
  askedAt: Date;
}

/** The European Commission's register of VAT numbers. Throws ProviderError. */
export interface Vies {
  /** `requester`: the seller's own number. */
  check(wanted: VatNumber, requester: VatNumber | null): Promise<VatAnswer>;
  ping(): Promise<void>;
}
