'use client';
import { Amplify } from 'aws-amplify';
import { discover } from 'amplify-discovery';
import { get } from 'amplify-discovery/api';
import { useEffect, useState } from 'react';
import outputs from '../amplify_outputs.json';

export function Orders() {
  const [text, setText] = useState('Loading …');
  useEffect(() => {
    discover(outputs).then((config) => Amplify.configure(config), console.error);
    get({ apiName: 'order-service', path: '/orders' })
      .response.then(({ body }) => body.json())
      .then(
        (orders) => setText(`${orders.length} orders`),
        (error) => setText(String(error)),
      );
  }, []);
  return <p id="orders">{text}</p>;
}
