using System.Globalization;
using System.Text.Json;
using Causeway.Accounts;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>The first events of a room that replaces another, and the last ones of the other.</summary>
internal static class RoomUpgrade
{
    private const string Tombstone = "m.room.tombstone";
    private const string CanonicalAlias = "m.room.canonical_alias";

    private static readonly string[] Copied =
    [
        EventTypes.JoinRules, EventTypes.HistoryVisibility, "m.room.guest_access", "m.room.server_acl", "m.room.encryption",
        "m.room.name", "m.room.topic", "m.room.avatar", CanonicalAlias,
    ];

    public static bool MayUpgrade(RoomSnapshot state, UserId user) =>
        state.Power.UserLevel(user) >= state.Power.EventLevel(Tombstone, isState: true);

    public static List<NewEvent> FirstEvents(
        Room old, RoomSnapshot state, RoomVersionRules rules, UserId user, Profile? profile, List<string> creators)
    {
        var events = new List<NewEvent>
        {
            Create(old, state, rules, user, creators),
            MembershipWriter.Member(user, Membership.Join, profile, null),
        };
        foreach (var type in Copied)
        {
            if (state.Find(type, "") is { } e)
            {
                events.Add(new NewEvent(type, "", type == EventTypes.JoinRules ? JoinRules(e.Event, rules) : e.Event.Content));
            }
        }

        if (state.Text(EventTypes.Create, "type") == "m.space")
        {
            events.AddRange(state.State.Values.Where(e => e.Event.Type == "m.space.child" && e.Event.Content.Length > 2)
                .OrderBy(e => e.Position).Select(e => new NewEvent(e.Event.Type, e.Event.StateKey, e.Event.Content)));
        }

        foreach (var (banned, e) in state.Members.OrderBy(m => m.Value.Position))
        {
            if (e.Event.Membership == Membership.Ban && UserId.TryParse(banned, out var target))
            {
                events.Add(MembershipWriter.Member(target, Membership.Ban, null, e.Event.ContentString("reason")));
            }
        }

        // The levels come last: until then the creator may set everything, afterwards perhaps not.
        if (state.Find(EventTypes.PowerLevels, "") is { } power)
        {
            events.Add(new NewEvent(EventTypes.PowerLevels, "", Power(power.Event, state, rules, user, creators)));
        }

        return events;
    }

    /// <summary>The tombstone, and as far as the person may: no alias any more, and nobody writes or invites.</summary>
    public static List<NewEvent> LastEvents(RoomSnapshot state, UserId user, RoomId successor)
    {
        var power = state.Power;
        var level = power.UserLevel(user);
        var events = new List<NewEvent>
        {
            new(Tombstone, "", Json.Object(json =>
            {
                json.WriteString("body"u8, "This room has been replaced"u8);
                json.WriteString("replacement_room"u8, successor.Value);
            })),
        };
        if (state.Find(CanonicalAlias, "") is { } alias && alias.Event.Content.Length > 2 && level >= power.EventLevel(CanonicalAlias, isState: true))
        {
            events.Add(new NewEvent(CanonicalAlias, "", "{}"u8.ToArray()));
        }

        var needed = Math.Max(50, power.UsersDefault + 1);
        if (level >= power.EventLevel(EventTypes.PowerLevels, isState: true) && level >= needed
            && (power.EventsDefault < needed || power.Invite < needed))
        {
            var old = state.Find(EventTypes.PowerLevels, "")?.Event.Content ?? "{}"u8.ToArray();
            using var content = JsonDocument.Parse(old);
            events.Add(new NewEvent(EventTypes.PowerLevels, "", Json.Object(json =>
            {
                foreach (var member in content.RootElement.EnumerateObject().Where(m => m.Name is not ("events_default" or "invite")))
                {
                    member.WriteTo(json);
                }

                json.WriteNumber("events_default"u8, Math.Max(needed, power.EventsDefault));
                json.WriteNumber("invite"u8, Math.Max(needed, power.Invite));
            })));
        }

        return events;
    }

    private static NewEvent Create(Room old, RoomSnapshot state, RoomVersionRules rules, UserId user, List<string> creators) =>
        new(EventTypes.Create, "", Json.Object(json =>
        {
            if (creators.Count > 0)
            {
                json.WriteStartArray("additional_creators"u8);
                creators.ForEach(json.WriteStringValue);
                json.WriteEndArray();
            }

            if (rules.CreateHasCreatorField)
            {
                json.WriteString("creator"u8, user.Value);
            }

            using var content = JsonDocument.Parse(state.Find(EventTypes.Create, "")!.Event.Content);
            foreach (var name in new[] { "m.federate", "type" })
            {
                if (content.RootElement.TryGetProperty(name, out var value))
                {
                    json.WritePropertyName(name);
                    value.WriteTo(json);
                }
            }

            json.WriteStartObject("predecessor"u8);
            if (!rules.RoomIdIsCreateHash)
            {
                json.WriteString("event_id"u8, state.Extremities[0].Value);
            }

            json.WriteString("room_id"u8, old.Id.Value);
            json.WriteEndObject();
            json.WriteString("room_version"u8, rules.Version);
        }));

    /// <summary>A rule that the new version does not know would let nobody in; by invitation people still can come.</summary>
    private static ReadOnlyMemory<byte> JoinRules(RoomEvent e, RoomVersionRules rules)
    {
        var known = e.JoinRule switch
        {
            JoinRule.Knock => rules.KnockAllowed,
            JoinRule.Restricted => rules.RestrictedJoinsAllowed,
            JoinRule.KnockRestricted => rules.KnockRestrictedAllowed,
            JoinRule.Unknown => false,
            _ => true,
        };
        return known ? e.Content : Json.Object(json => json.WriteString("join_rule"u8, "invite"u8));
    }

    /// <summary>
    /// The levels as they were, in the form of the new version: integers, creators with more power than any level left
    /// out, and a creator who had such power without an entry given one.
    /// </summary>
    private static byte[] Power(RoomEvent e, RoomSnapshot state, RoomVersionRules rules, UserId user, List<string> creators)
    {
        using var content = JsonDocument.Parse(e.Content);
        return Json.Object(json =>
        {
            var hasUsers = false;
            foreach (var member in content.RootElement.EnumerateObject())
            {
                if (member.Value.ValueKind != JsonValueKind.Object)
                {
                    Level(member.Name, member.Value);
                    continue;
                }

                hasUsers |= member.Name == "users";
                json.WriteStartObject(member.Name);
                foreach (var entry in member.Value.EnumerateObject())
                {
                    if (member.Name != "users" || !(rules.PrivilegedCreators && IsCreator(entry.Name)))
                    {
                        Level(entry.Name, entry.Value);
                    }
                }

                if (member.Name == "users" && GetsEntry())
                {
                    json.WriteNumber(user.Value, 100);
                }

                json.WriteEndObject();
            }

            if (!hasUsers && GetsEntry())
            {
                json.WriteStartObject("users"u8);
                json.WriteNumber(user.Value, 100);
                json.WriteEndObject();
            }

            bool IsCreator(string id) => id == user.Value || creators.Contains(id);

            bool GetsEntry() => !rules.PrivilegedCreators && state.Power.UserLevel(user) == PowerLevels.Infinite;

            void Level(string name, JsonElement value)
            {
                if (value.ValueKind == JsonValueKind.String && long.TryParse(value.GetString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var level))
                {
                    json.WriteNumber(name, level);
                }
                else
                {
                    json.WritePropertyName(name);
                    value.WriteTo(json);
                }
            }
        });
    }
}
