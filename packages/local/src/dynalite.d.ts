declare module 'dynalite' {
  import type { Server } from 'node:http';
  /** An embedded DynamoDB server that does not listen yet. */
  export default function dynalite(options: { path?: string; createTableMs?: number }): Server;
}
