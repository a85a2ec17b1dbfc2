"""What Redis does by itself, each a script over the three keys of one shard (see ``state``)."""

from services.redis_clients import Script

APPLY = Script("""
local head = redis.call('GETRANGE', KEYS[1], 0, 15)
if #head < 16 then return {-1} end
local sequence, version, count = struct.unpack('<I8I4I4', head)
if version ~= tonumber(ARGV[1]) then return {-1} end
local changes, shown = ARGV[2], {}
while #changes > 0 and struct.unpack('<I4', changes, #changes - 11) >= count do
  changes = string.sub(changes, 1, #changes - 12)
end
if #changes > 0 then
  local last = struct.unpack('<I4', changes, #changes - 11)
  local low = struct.unpack('<I4', changes, 1)
  local base = 16 + low * 8
  local block = redis.call('GETRANGE', KEYS[1], base, 23 + last * 8)
  local run, from, to = {}, 0, nil
  for at = 1, #changes, 12 do
    local place = (struct.unpack('<I4', changes, at) - low) * 8
    local old = string.sub(block, place + 1, place + 8)
    local new = string.sub(changes, at + 4, at + 11)
    if new ~= old and struct.unpack('<I4', new, 5) >= struct.unpack('<I4', old, 5) then
      if not to or place - to > 64 then
        if to then redis.call('SETRANGE', KEYS[1], base + from, table.concat(run)) end
        run, from, to = {}, place, place
      end
      if place > to then run[#run + 1] = string.sub(block, to + 1, place) end
      run[#run + 1] = new
      to = place + 8
      if string.sub(new, 1, 4) ~= string.sub(old, 1, 4) then
        shown[#shown + 1] = string.sub(changes, at, at + 11)
      end
    end
  end
  if to then redis.call('SETRANGE', KEYS[1], base + from, table.concat(run)) end
end
sequence = sequence + 1
redis.call('SETRANGE', KEYS[1], 0, struct.pack('<I8', sequence))
if #shown > 0 then
  local entry = {'v', ARGV[1], 'd', table.concat(shown), 't', ARGV[4]}
  if ARGV[5] ~= '' then entry[7], entry[8] = 'r', ARGV[5] end
  redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', unpack(entry))
end
return {sequence, #shown}
""")
"""Newest phenomenon_time wins, at equal times the last to arrive; only what shows goes into a frame.

Changes come in ascending order of their index, so the records they touch are read at once; neighbours are
written together, with what lies between them, and far ones apart: that is what the append-only file and the
replicas have to carry."""

REBUILD = Script("""
local head, sequence = redis.call('GETRANGE', KEYS[1], 0, 7), 0
if #head == 8 then sequence = struct.unpack('<I8', head) end
local count = #ARGV[2] / 8
redis.call('SET', KEYS[1], struct.pack('<I8I4I4', sequence + 1, tonumber(ARGV[1]), count) .. ARGV[2])
redis.call('HSET', KEYS[3], 'version', ARGV[1], 'count', count, 'heartbeat', ARGV[4])
redis.call('HINCRBY', KEYS[3], 'epoch', 1)
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], '*', 'v', ARGV[1], 'd', '', 't', ARGV[4])
return sequence + 1
""")
"""Everything anew; the empty frame tells every follower to read the whole state again."""

BEAT = Script("""
local head = redis.call('GETRANGE', KEYS[1], 0, 15)
if #head < 16 then return 0 end
local _, version = struct.unpack('<I8I4', head)
if version ~= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[3], 'heartbeat', ARGV[2])
return tonumber(redis.call('HGET', KEYS[3], 'epoch') or 1)
""")

READ = Script("""
return {redis.call('GET', KEYS[1]), redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1),
        redis.call('HGETALL', KEYS[3])}
""")
"""All three as of one instant; a cluster knows no transaction over keys, but runs scripts as one."""

PULSE = Script("return redis.call('HGETALL', KEYS[3])")
