import { BlockList, isIP } from 'node:net';

/** Whether a text is an address (`52.89.214.238`, `2001:db8::1`) or a network (`10.0.0.0/8`). */
export const isNetwork = (text: string): boolean => parsed(text) !== undefined;

/** Addresses and networks, asked whether they hold an address. IPv4 in IPv6 (`::ffff:10.0.0.1`) is IPv4. */
export class Networks {
  private readonly list = new BlockList();

  /** Throws where a text is no network: check with `isNetwork`. */
  constructor(networks: readonly string[]) {
    for (const text of networks) {
      const network = parsed(text);
      if (network === undefined) throw new Error(`"${text}" is no address and no network`);
      this.list.addSubnet(network.address, network.bits, network.family);
    }
  }

  holds(address: string): boolean {
    const plain = unmapped(address);
    const family = isIP(plain);
    return family !== 0 && this.list.check(plain, family === 4 ? 'ipv4' : 'ipv6');
  }
}

const parsed = (
  text: string,
): { readonly address: string; readonly bits: number; readonly family: 'ipv4' | 'ipv6' } | undefined => {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  const most = family === 4 ? 32 : 128;
  if (family === 0 || more.length > 0 || address.includes('%')) return undefined;
  if (bits !== undefined && (!/^\d{1,3}$/.test(bits) || Number(bits) > most)) return undefined;
  return { address, bits: bits === undefined ? most : Number(bits), family: family === 4 ? 'ipv4' : 'ipv6' };
};

const unmapped = (address: string): string => /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;

/**
 * Where a request comes from. `X-Forwarded-For` is a text that anybody can send: it counts as far as proxies wrote it that this deployment
 * names, read from its end. The last that is no such proxy is the sender.
 *
 * @param peer who is at the other end of the connection
 */
export const senderOf = (
  peer: string | undefined,
  forwardedFor: string | readonly string[] | undefined,
  proxies: Networks,
): string | undefined => {
  const hops = [forwardedFor ?? []]
    .flat()
    .join(',')
    .slice(-4_096)
    .split(',')
    .map((hop) => hop.trim());
  let sender = peer;
  while (sender !== undefined && proxies.holds(sender)) {
    const hop = hops.pop();
    if (hop === undefined || hop === '') break;
    // A proxy that writes ports or nonsense is not believed: nobody knows then who sent it.
    if (isIP(hop) === 0) return undefined;
    sender = hop;
  }
  return sender === undefined ? undefined : unmapped(sender);
};
