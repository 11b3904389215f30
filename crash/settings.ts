/** What makes a campaign: steps long enough to be hit and short enough for a thousand orders, and nobody kept from signing in. */
export const SETTINGS = { SANDBOX_SPEED: '0.05', RETRY_SCALE: '0.1', RATE_LIMIT_LOGIN: '1000000000' };
