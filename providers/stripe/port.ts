/** Amounts in the currency's minor units by ISO 4217; currencies in lower case. */
export interface CheckoutRequest {
  /** Idempotency key, ours: derived from the invoice and the number of the attempt. */
  key: string;
  invoiceId: string;
  orderId: string;
  tenantId: string;
  currency: string;
  lines: { description: string; unitAmount: number; quantity: number }[];
  customerEmail: string;
  successUrl: string;
  cancelUrl: string;
  /** Between 30 minutes and 24 hours from now. */
  expiresAt: Date;
}

export interface CheckoutView {
  id: string;
  /** Undefined once it is complete or expired. */
  url: string | undefined;
  status: 'open' | 'complete' | 'expired';
  paid: boolean;
  amountTotal: number;
  currency: string;
  paymentIntent: string | undefined;
  invoiceId: string | undefined;
}

export interface RefundRequest {
  key: string;
  paymentIntent: string;
  amount: number;
  currency: string;
  reason: string;
}

export interface RefundView {
  id: string;
  amount: number;
  status: 'pending' | 'succeeded' | 'failed' | 'canceled' | 'requires_action';
  /** Our key, from the refund's metadata. */
  key: string | undefined;
}

/** A charge that was paid. */
export interface ChargeView {
  paymentIntent: string;
  amount: number;
  /** Lower case. */
  currency: string;
  disputed: boolean;
  /** Our mark on it, from its metadata. */
  invoiceId: string | undefined;
  createdAt: Date;
}

export interface PastRefundView extends RefundView {
  paymentIntent: string | undefined;
}

/** Stripe as our flow needs it. Every call throws ProviderError. */
export interface Payments {
  createCheckout(request: CheckoutRequest): Promise<CheckoutView>;
  readCheckout(id: string): Promise<CheckoutView | undefined>;
  /** Expires an open session; answers what it is now (it may have been paid in the meantime). */
  expireCheckout(id: string): Promise<CheckoutView>;
  /** Sends money back. The same key never refunds twice, however long ago it was used: existing refunds are read first. */
  refund(request: RefundRequest): Promise<RefundView>;
  refunds(paymentIntent: string): Promise<RefundView[]>;
  /** Charges paid since a moment, and those disputed since, whenever they were paid; one may come twice. */
  charges(since: Date): AsyncIterable<ChargeView>;
  /** Refunds made since a moment, and those that failed since, whenever they were made; one may come twice. */
  refundsSince(since: Date): AsyncIterable<PastRefundView>;
  /** The paid charge of an intent; undefined where Stripe knows none. */
  chargeOf(paymentIntent: string): Promise<ChargeView | undefined>;
  /** Kind `absent` where there is none. */
  readRefund(id: string): Promise<PastRefundView>;
}
