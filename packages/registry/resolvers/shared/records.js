/** Tombstones, heads of stages and expired records are not there for anyone. */
export function isVisible(record, nowSeconds) {
  if (!record || record.removed) return false;
  return !(record.expiresAtSeconds > 0 && record.expiresAtSeconds <= nowSeconds);
}

/** A record as callers see it: what older ones lack is filled in, and a target is overridden for as long as that lasts. */
export function presentRecord(record, nowSeconds) {
  const { override, ...rest } = record;
  const present = { ...rest, priority: record.priority ?? 0, public: record.public ?? false };
  if (!override || override.untilSeconds <= nowSeconds) return present;
  const { reason, actor, until } = override;
  return { ...present, target: override.target, override: { registeredTarget: record.target, until, reason, actor } };
}
