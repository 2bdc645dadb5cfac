import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '@switchyard/testing';
import { Relay, kafkaClientId } from './relay.js';

/** Answers every chunk with the same. */
describe('a relay', () => {
  let echo: Server;
  let relay: Relay;
  const served: Socket[] = [];
  const clients: Client[] = [];

  class Client {
    readonly socket: Socket;
    received = '';
    over = false;
    constructor(port: number) {
      this.socket = connect({ host: '127.0.0.1', port });
      this.socket.on('data', (chunk: Buffer) => (this.received += chunk.toString()));
      this.socket.on('error', () => undefined);
      this.socket.on('close', () => (this.over = true));
      clients.push(this);
    }
  }

  const listening = (): Promise<number> =>
    new Promise((resolve) => {
      echo = createServer((socket) => {
        served.push(socket);
        socket.on('error', () => undefined);
        socket.on('data', (chunk) => socket.write(chunk));
      });
      echo.listen(0, '127.0.0.1', () => {
        resolve((echo.address() as { port: number }).port);
      });
    });

  beforeEach(async () => {
    relay = await Relay.open(await listening());
  });
  afterEach(async () => {
    for (const { socket } of clients.splice(0)) socket.destroy();
    for (const socket of served.splice(0)) socket.destroy();
    await relay.close();
    echo.close();
  });

  const said = (client: Client, text: string) => until(() => client.received === text);

  it('passes everything on, and the end too', async () => {
    const client = new Client(relay.port);
    client.socket.write('one');
    await said(client, 'one');
    served[0]?.end('two');
    await said(client, 'onetwo');
    await until(() => client.over);
  });

  it('that is reset ends both sides, takes nobody in, and does again once it is healed', async () => {
    const client = new Client(relay.port);
    client.socket.write('one');
    await said(client, 'one');
    relay.cut('reset');
    await until(() => client.over && served[0]?.destroyed === true);
    const refused = new Client(relay.port);
    await until(() => refused.over);
    relay.heal();
    const again = new Client(relay.port);
    again.socket.write('two');
    await said(again, 'two');
  });

  it('that is silent holds everything back, and lets it pass in order once it is healed', async () => {
    const client = new Client(relay.port);
    client.socket.write('one');
    await said(client, 'one');
    relay.cut('silence');
    client.socket.write('two');
    const late = new Client(relay.port);
    late.socket.write('late');
    // What would have to be answered by now: a connection beside the relay was.
    const beside = new Client((echo.address() as { port: number }).port);
    beside.socket.write('beside');
    await said(beside, 'beside');
    expect([client.received, late.received]).toEqual(['one', '']);
    client.socket.write('three');
    relay.heal();
    await said(client, 'onetwothree');
    await said(late, 'late');
  });

  it('that is late resets who sends, and delivers what was sent all the same', async () => {
    const client = new Client(relay.port);
    client.socket.write('one');
    await said(client, 'one');
    let heard = '';
    served[0]?.on('data', (chunk: Buffer) => (heard += chunk.toString()));
    relay.cut('late');
    client.socket.write('two');
    await until(() => client.over);
    expect([client.received, heard]).toEqual(['one', '']);
    relay.heal();
    const again = new Client(relay.port);
    again.socket.write('three');
    await said(again, 'three');
    expect(heard).toBe('');
    await until(() => heard === 'two');
    expect(client.received).toBe('one');
  });

  it('that is silent hides that a client is gone until it is healed', async () => {
    const client = new Client(relay.port);
    client.socket.write('one');
    await said(client, 'one');
    relay.cut('silence');
    client.socket.resetAndDestroy();
    await until(() => client.over);
    expect(served[0]?.destroyed).toBe(false);
    relay.heal();
    await until(() => served[0]?.destroyed === true);
  });

  it('cuts off one Kafka client and leaves the other alone', async () => {
    await relay.close();
    relay = await Relay.open((echo.address() as { port: number }).port, kafkaClientId);
    const [risk, routing] = [new Client(relay.port), new Client(relay.port)];
    risk.socket.write(requestOf('switchyard.risk-1'));
    routing.socket.write(requestOf('switchyard.routing-1').subarray(0, 9));
    routing.socket.write(requestOf('switchyard.routing-1').subarray(9));
    await until(() => risk.received !== '' && routing.received !== '');
    relay.cut('reset', 'switchyard.risk-1');
    await until(() => risk.over);
    routing.received = '';
    routing.socket.write('go on');
    await said(routing, 'go on');
  });
});

/** ApiVersions, version 0, as a client of that name asks for it. */
const requestOf = (clientId: string): Buffer => {
  const header = Buffer.alloc(14);
  header.writeInt32BE(10 + clientId.length, 0);
  header.writeInt16BE(18, 4);
  header.writeInt32BE(1, 8);
  header.writeInt16BE(clientId.length, 12);
  return Buffer.concat([header, Buffer.from(clientId)]);
};
