import { skuText } from '../test/fixtures/shop/shop-columns.ts';
import { CURRENCIES } from '../test/fixtures/shop/shop-tables.ts';
import { Sql, type ShopSession } from './shop-session.ts';

/** The statements of one transaction; the caller begins and commits it. */
export interface ShopTransaction {
  readonly name: string;
  /** How often it comes, beside the others. */
  readonly weight: number;
  readonly run: (session: ShopSession) => Promise<void>;
}

const NAMES = ['Żaneta', 'Jürgen', "D'Arcy", '李雷', 'Maya 🌻', 'tab\there', 'C:\\new\\folder'] as const;
const NOTES = ['ring twice 🔔', 'line one\nline two', '\\N', '', null, 'a\ttab and a \\ backslash'] as const;

export const SHOP_TRANSACTIONS: readonly ShopTransaction[] = [
  { name: 'place an order', weight: 30, run: placeOrder },
  { name: 'pay', weight: 14, run: pay },
  { name: 'sign up', weight: 8, run: signUp },
  { name: 'edit a customer', weight: 10, run: editCustomer },
  { name: 'look around', weight: 12, run: lookAround },
  { name: 'forget page views', weight: 4, run: forgetPageViews },
  { name: 'change prices', weight: 8, run: changePrices },
  { name: 'edit a product', weight: 5, run: editProduct },
  { name: 'cancel an order', weight: 4, run: cancelOrder },
  { name: 'close an account', weight: 1, run: closeAccount },
  { name: 'renumber a customer', weight: 2, run: renumberCustomer },
  { name: 'rename a product', weight: 1, run: renameProduct },
  { name: 'swap addresses', weight: 2, run: swapAddresses },
  { name: 'stock-take', weight: 0.3, run: stockTake },
];

async function placeOrder(session: ShopSession): Promise<void> {
  const { random, state, now } = session;
  const id = session.newNumber();
  const customer_id = await session.existing('customers', session.customerNumber());
  const total = random.between(100, 999_999) / 100;
  const order = { id, customer_id, state: 'placed', placed_at: now, total, note: random.pick(NOTES) };
  await session.insert('orders', [
    random.chance(0.5) ? { ...order, client: [192, 168, 0, 1] } : { ...order, delivery_time: '74:00:00' },
  ]);
  if (state.hasChannel && random.chance(0.7)) {
    const channel = random.pick(['app 📱', 'phone', 'partner\\shop']);
    await session.run('UPDATE orders SET channel = ? WHERE id = ?', [channel, id]);
  }
  const sku = session.sku();
  const lines = Array.from({ length: random.between(1, 6) }, (_, index) => index + 1);
  await session.insert(
    'order_items',
    lines.map((line) => ({
      ...{ order_id: id, line, sku, quantity: 1 + (line % 4), unit_price: (total / 3 + line).toFixed(6) },
      discount: line % 2 === 0 ? random.fraction() : null,
    })),
  );
  const customer = await session.existing('customers', session.customerNumber());
  await session.run(`UPDATE customers SET status = 'active', updated_at = ${now.text} WHERE id = ?`, [customer]);
}

async function pay(session: ShopSession): Promise<void> {
  const { random } = session;
  const order = session.orderNumber();
  const method = random.pick(['card', 'Überweisung'] as const);
  await session.insert('payments', [
    {
      id: Buffer.from(random.identifier(16), 'latin1'),
      ...{ order_id: order, method, amount: random.between(1, 99_999) / 100 },
      paid_at: new Sql(session.dialect.nowInSeconds),
      receipt: Buffer.from('00ff5c09', 'hex'),
      details: { by: method },
    },
  ]);
  await session.run(`UPDATE orders SET state = 'paid', deliver_on = CURRENT_DATE + INTERVAL '3' DAY WHERE id = ?`, [
    await session.existing('orders', order),
  ]);
  await session.run(`UPDATE payments SET details = NULL WHERE order_id = ?`, [order]);
}

async function signUp(session: ShopSession): Promise<void> {
  const { now } = session;
  const id = session.newNumber();
  const full_name = session.random.pick(NAMES);
  await session.insert('customers', [
    {
      ...{ id, email: `new${id}@example.com`, full_name, status: 'new', is_business: false },
      ...{ tags: ['new', null, 'a,b'], preferences: { news: true }, created_at: now, updated_at: now },
    },
  ]);
  const address = { customer_id: id, street: `${full_name} street` };
  await session.insert('addresses', [
    {
      ...address,
      ...{ kind: 'billing', city: 'Gdańsk', postcode: null, country: 'PL', latitude: 54.35, longitude: 18.65 },
    },
    {
      ...address,
      ...{ kind: 'delivery', city: 'Wien', postcode: '01010', country: 'AT', latitude: null, longitude: 1e-7 },
    },
  ]);
}

async function editCustomer(session: ShopSession): Promise<void> {
  const number = session.customerNumber();
  const amount = session.random.between(1, 500) / 100;
  await session.run(
    `UPDATE customers SET credit_limit = COALESCE(credit_limit, 0) + ?, is_business = NOT is_business,
       preferences = ${session.dialect.withMember('preferences', 'seen')} WHERE id = ?`,
    [amount, amount, await session.existing('customers', number)],
  );
  await session.run(`UPDATE customers SET tags = NULL, updated_at = ${session.now.text} WHERE id = ?`, [
    await session.existing('customers', number + 1),
  ]);
}

async function lookAround(session: ShopSession): Promise<void> {
  const view = {
    seen_at: new Sql(session.dialect.nowInSeconds),
    path: session.random.pick(['/', '/cart', '/häh?'] as const),
    ...{ customer_id: null, milliseconds: 5, agent: 'Firefox' },
  };
  const views = Array.from({ length: session.random.between(1, 8) }, () => view);
  await session.insert('page_views', views);
}

/** Equal rows: one of several goes, another changes, and the rest stay. */
async function forgetPageViews(session: ShopSession): Promise<void> {
  const row = () => session.oneRow('page_views', `milliseconds >= ${session.random.between(0, 25_000)}`);
  await session.run(`DELETE FROM page_views ${row()}`);
  await session.run(`UPDATE page_views SET agent = CONCAT(COALESCE(agent, ''), '!') ${row()}`);
}

/** Several versions of one price in one transaction, and a price that goes and comes back. */
async function changePrices(session: ShopSession): Promise<void> {
  const currency = session.random.pick(CURRENCIES);
  const sku = await session.existing('products', session.sku());
  const raise = `UPDATE prices SET amount = amount * 1.01 + 0.000001, updated_at = ${session.now.text} WHERE sku = ?`;
  await session.run(raise, [sku]);
  await session.run(`${raise} AND currency = ?`, [sku, currency]);
  const isBack = session.random.chance(0.2);
  if (!isBack && !session.random.chance(0.1)) return;
  await session.run('DELETE FROM prices WHERE sku = ? AND currency = ?', [sku, currency]);
  if (isBack) await session.insert('prices', [{ sku, currency, amount: '9.99', updated_at: session.now }]);
}

/** PostgreSQL's log does not hold a long description that is not touched. */
async function editProduct(session: ShopSession): Promise<void> {
  const sku = await session.existing('products', session.sku());
  await session.run(
    `UPDATE products SET attributes = ${session.dialect.withMember('attributes', 'stock')}, weight = weight * 1.5, updated_at = ${session.now.text} WHERE sku = ?`,
    [0, sku],
  );
  if (session.random.chance(0.3)) {
    const picture = Buffer.from(session.random.identifier(16), 'latin1');
    await session.set('products', 'picture', picture, 'sku = ?', sku);
  }
}

async function cancelOrder(session: ShopSession): Promise<void> {
  const order = session.orderNumber();
  await session.run('DELETE FROM payments WHERE order_id = ?', [order]);
  await session.remove('orders', await session.existing('orders', order));
}

async function closeAccount(session: ShopSession): Promise<void> {
  await session.remove('customers', await session.existing('customers', session.customerNumber()));
}

/** A primary key changes, and with it the customer's addresses and orders. */
async function renumberCustomer(session: ShopSession): Promise<void> {
  const customer = await session.existing('customers', session.customerNumber());
  const number = String(session.newNumber());
  await session.renumber('customers', customer, number);
  await session.run(`UPDATE customers SET full_name = CONCAT(full_name, ' *') WHERE id = ?`, [number]);
}

/** The key of a table with history changes with its parent's; long descriptions move to another key, by PostgreSQL without being sent. */
async function renameProduct(session: ShopSession): Promise<void> {
  const sku = await session.existing('products', session.sku());
  await session.renumber('products', sku, skuText(session.newNumber()));
}

/** Two rows exchange their keys within one transaction. */
async function swapAddresses(session: ShopSession): Promise<void> {
  const customer = await session.existing('customers', session.customerNumber());
  const move = (from: string, to: string) =>
    session.run('UPDATE addresses SET kind = ? WHERE customer_id = ? AND kind = ?', [to, customer, from]);
  await move('billing', 'being moved');
  await move('delivery', 'billing');
  await move('being moved', 'delivery');
}

/** One statement that changes many rows. */
async function stockTake(session: ShopSession): Promise<void> {
  const first = session.orderNumber();
  await session.run('UPDATE order_items SET discount = COALESCE(discount, 0) + 0.1 WHERE order_id BETWEEN ? AND ?', [
    first,
    first + 200,
  ]);
}
