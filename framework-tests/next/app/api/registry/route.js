import { connection } from 'next/server';
import outputs from '../../../amplify_outputs.json';

/** The registry that this app was given. */
export async function GET() {
  await connection();
  return Response.json(outputs.custom.discovery.registry.url);
}
