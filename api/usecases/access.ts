import { AppError, notFound } from '../../core/app-error.ts';
import { may } from '../../core/permissions.ts';
import type { Context } from '../context.ts';

/** The row, for whoever may see it and do with it what the route does. Missing and forbidden are the same 404. */
export function seen<T>(ctx: Context, row: T | null | undefined): T {
  if (row === null || row === undefined) throw notFound();
  if (!may(ctx.caller.permissions, ctx.permission)) throw new AppError('FORBIDDEN', 'You may not do this.');
  return row;
}

/** Whether things are bought rather than simply made: staff act for the house, a customer pays. */
export const isBuyer = (ctx: Context): boolean => ctx.scope.customerId !== null;

/** A key does its owner's work; what signs people in is not part of it. */
export function requireSignIn({ caller }: Context): void {
  if (caller.sessionId === null) throw new AppError('FORBIDDEN', 'This takes a sign-in, not an API key.');
}
