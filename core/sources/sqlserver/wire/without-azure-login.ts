/**
 * Stands for `@azure/identity` where the driver is bundled: the driver imports it for logins that nobody can choose here, and it is more
 * than the rest of the driver.
 */
export {};
