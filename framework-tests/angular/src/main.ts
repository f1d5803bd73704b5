import { Component, provideZonelessChangeDetection, signal } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { discover } from 'amplify-discovery';
import { get } from 'amplify-discovery/api';
import { Amplify } from 'aws-amplify';
import outputs from '../amplify_outputs.json';

// The page is there at once; calls wait for discovery by themselves.
discover(outputs).then((config) => Amplify.configure(config), console.error);

async function load(apiName: string, path: string): Promise<unknown[]> {
  const { body } = await get({ apiName, path }).response;
  return (await body.json()) as unknown[];
}

@Component({
  selector: 'app-root',
  template: `
    <p id="users">{{ users() }}</p>
    <p id="orders">{{ orders() }}</p>
  `,
})
class App {
  readonly users = signal('Loading …');
  readonly orders = signal('Loading …');

  constructor() {
    load('user-management-service', '/users').then(
      (users) => this.users.set(users.join(', ')),
      (error: unknown) => this.users.set(String(error)),
    );
    load('order-service', '/orders').then(
      (orders) => this.orders.set(`${orders.length} orders`),
      (error: unknown) => this.orders.set(String(error)),
    );
  }
}

bootstrapApplication(App, { providers: [provideZonelessChangeDetection()] }).catch(console.error);
