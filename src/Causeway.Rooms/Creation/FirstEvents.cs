using System.Text.Json;
using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;

namespace Causeway.Rooms;

/// <summary>The events a room begins with (Client-server API, "Creation", steps 1 to 9).</summary>
internal static class FirstEvents
{
    public static List<NewEvent> For(
        RoomWish wish, Requester requester, Profile? profile, List<(UserId User, Profile? Profile)> invited)
    {
        var events = new List<NewEvent>
        {
            Create(wish, requester),
            MembershipWriter.Member(requester.User, Membership.Join, profile, null),
            Power(wish, requester),
        };
        if (wish.Alias is { } alias)
        {
            events.Add(One("m.room.canonical_alias", "alias", alias.Value));
        }

        // What initial_state sets itself comes later and wins; the preset's event would only be noise before it.
        var isPublic = wish.Preset == "public_chat";
        Unless(EventTypes.JoinRules, "join_rule", isPublic ? "public" : "invite");
        Unless(EventTypes.HistoryVisibility, "history_visibility", "shared");
        Unless("m.room.guest_access", "guest_access", isPublic ? "forbidden" : "can_join");
        events.AddRange(wish.InitialState.Where(e => e is not { Type: EventTypes.PowerLevels, StateKey: "" }));
        if (wish.Name is { Length: > 0 } name)
        {
            events.Add(One("m.room.name", "name", name));
        }

        if (wish.Topic is { Length: > 0 } topic)
        {
            events.Add(Topic(topic));
        }

        foreach (var (user, known) in invited)
        {
            if (user != requester.User)
            {
                events.Add(MembershipWriter.Member(user, Membership.Invite, known, null, isDirect: wish.IsDirect));
            }
        }

        return events;

        void Unless(string type, string field, string value)
        {
            if (!wish.InitialState.Exists(e => e.Type == type && e.StateKey!.Length == 0))
            {
                events.Add(One(type, field, value));
            }
        }
    }

    private static NewEvent One(string type, string field, string value) =>
        new(type, "", Json.Object(json => json.WriteString(field, value)));

    private static NewEvent Topic(string topic) => new("m.room.topic", "", Json.Object(json =>
    {
        json.WriteString("topic"u8, topic);
        json.WriteStartObject("m.topic"u8);
        json.WriteStartArray("m.text"u8);
        json.WriteStartObject();
        json.WriteString("body"u8, topic);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }));

    private static NewEvent Create(RoomWish wish, Requester requester) => new(EventTypes.Create, "", Json.Object(json =>
    {
        var trusted = wish.Rules.PrivilegedCreators && wish.Preset == "trusted_private_chat";
        var others = new List<string>();
        foreach (var member in wish.CreationContent?.EnumerateObject() ?? default)
        {
            switch (member.Name)
            {
                case "creator" or "room_version":
                    break;
                case "additional_creators" when wish.Rules.PrivilegedCreators:
                    others.AddRange(wish.CreationContent!.Value.FindStrings("additional_creators") ?? []);
                    break;
                default:
                    member.WriteTo(json);
                    break;
            }
        }

        if (trusted)
        {
            others.AddRange(wish.Invite.Select(u => u.Value));
        }

        if (others.Exists(u => !UserId.TryParse(u, out _)))
        {
            throw Refusal.InvalidParam("'additional_creators' holds something that is not a user id.");
        }

        if (others.Count > 0)
        {
            json.WriteStartArray("additional_creators"u8);
            others.Distinct(StringComparer.Ordinal).ToList().ForEach(json.WriteStringValue);
            json.WriteEndArray();
        }

        if (wish.Rules.CreateHasCreatorField)
        {
            json.WriteString("creator"u8, requester.User.Value);
        }

        json.WriteString("room_version"u8, wish.Rules.Version);
    }));

    private static NewEvent Power(RoomWish wish, Requester requester)
    {
        // A power_levels event in initial_state is the client's whole wish; the override is laid over ours.
        if (wish.InitialState.Find(e => e is { Type: EventTypes.PowerLevels, StateKey: "" }) is { } whole)
        {
            return whole;
        }

        return new NewEvent(EventTypes.PowerLevels, "", Json.Object(json =>
        {
            var over = wish.PowerLevelOverride;
            Level("ban", 50);
            Level("events_default", 0);
            Level("invite", wish.Preset == "public_chat" ? 50 : 0);
            Level("kick", 50);
            Level("redact", 50);
            Level("state_default", 50);
            Level("users_default", 0);
            if (!Has("events"))
            {
                WriteEventLevels(json, wish.Rules);
            }

            if (!Has("users"))
            {
                json.WriteStartObject("users"u8);
                if (!wish.Rules.PrivilegedCreators)
                {
                    json.WriteNumber(requester.User.Value, 100);
                    foreach (var user in wish.Preset == "trusted_private_chat" ? wish.Invite.Where(u => u != requester.User) : [])
                    {
                        json.WriteNumber(user.Value, 100);
                    }
                }

                json.WriteEndObject();
            }

            foreach (var member in over?.EnumerateObject() ?? default)
            {
                member.WriteTo(json);
            }

            bool Has(string name) => over?.TryGetProperty(name, out _) == true;

            void Level(string name, int level)
            {
                if (!Has(name))
                {
                    json.WriteNumber(name, level);
                }
            }
        }));
    }

    private static void WriteEventLevels(Utf8JsonWriter json, RoomVersionRules rules)
    {
        json.WriteStartObject("events"u8);
        json.WriteNumber("m.room.avatar"u8, 50);
        json.WriteNumber("m.room.canonical_alias"u8, 50);
        json.WriteNumber("m.room.encryption"u8, 100);
        json.WriteNumber("m.room.history_visibility"u8, 100);
        json.WriteNumber("m.room.name"u8, 50);
        json.WriteNumber("m.room.power_levels"u8, 100);
        json.WriteNumber("m.room.server_acl"u8, 100);

        // Only creators upgrade by default where creators stand above 100 (version 12, MSC4289).
        json.WriteNumber("m.room.tombstone"u8, rules.PrivilegedCreators ? 150 : 100);
        json.WriteEndObject();
    }
}
