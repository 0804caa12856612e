using System.Text.Json;
using Causeway.Accounts;
using Causeway.Hosting;
using Causeway.Matrix;
using Causeway.Storage;

namespace Causeway.Rooms;

/// <summary>
/// What an organisation has to tell a person: one room for each, in which only the organisation's own voice speaks.
/// Client-server API, "Server Notices".
/// </summary>
internal sealed class ServerNotices(
    Database database, EventWriter writer, RoomRegistry rooms, AccountStore accounts, ProfileStore profiles, AccountDataStore data)
{
    // One room for each person, however many notices come at once.
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Writes a notice; the person is invited, or invited again when they left.</summary>
    public async Task<EventId> SendAsync(Organisation organisation, UserId to, NewEvent notice, (long Device, string Key)? transaction)
    {
        var voice = await VoiceAsync(organisation).ConfigureAwait(false);
        await _turn.WaitAsync().ConfigureAwait(false);
        Room room;
        try
        {
            room = await FindAsync(to).ConfigureAwait(false) ?? await CreateAsync(voice, to).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }

        if (room.Committed.MembershipOf(to.Value) is Membership.Leave or Membership.Knock)
        {
            var profile = await profiles.FindAsync(to).ConfigureAwait(false);
            await writer.AppendAsync(room.Id, Writer.Of(voice), MembershipWriter.Member(to, Membership.Invite, profile, null)).ConfigureAwait(false);
        }

        // The voice has no device; whose transaction it is, is the administrator's who sends.
        var by = transaction is { } t ? Writer.Of(voice) with { Device = t.Device, Transaction = t.Key } : Writer.Of(voice);
        return await writer.AppendAsync(room.Id, by, notice).ConfigureAwait(false);
    }

    /// <summary>The organisation's voice: an account without a password, made when first needed.</summary>
    private async Task<Requester> VoiceAsync(Organisation organisation)
    {
        var user = UserId.Parse($"@{AccountStore.NoticesLocalpart}:{organisation.ServerName}");
        if (await accounts.FindAsync(user).ConfigureAwait(false) is null)
        {
            try
            {
                await accounts.CreateAsync(organisation, user, null).ConfigureAwait(false);
                await profiles.SetAsync(user, new Profile(organisation.DisplayName, null)).ConfigureAwait(false);
            }
            catch (Refusal refusal) when (refusal.Code == "M_USER_IN_USE")
            {
                // Another notice made it meanwhile.
            }
        }

        return new Requester(user, "", 0, organisation, IsGuest: false, IsAdmin: false);
    }

    private async ValueTask<Room?> FindAsync(UserId to)
    {
        string? id;
        await using (var session = await database.ReadAsync().ConfigureAwait(false))
        {
            id = await session.FindAsync(
                "SELECT r.room_id FROM notice_rooms n JOIN rooms r ON r.nid = n.room WHERE n.user_id = $1", r => r.GetString(0), to.Value).ConfigureAwait(false);
        }

        return id is null ? null : await rooms.FindAsync(RoomId.Parse(id)).ConfigureAwait(false);
    }

    private async Task<Room> CreateAsync(Requester voice, UserId to)
    {
        using var levels = JsonDocument.Parse("""{"events_default":50,"invite":50}""");
        var wish = new RoomWish
        {
            Rules = RoomVersionRules.Default,
            Preset = "private_chat",
            Name = voice.Organisation.DisplayName,
            Invite = [to],
            PowerLevelOverride = levels.RootElement,
        };
        var (own, profile) = (await profiles.FindAsync(voice.User).ConfigureAwait(false), await profiles.FindAsync(to).ConfigureAwait(false));
        var room = await writer.CreateAsync(
            Writer.Of(voice), wish.Rules, null, _ => FirstEvents.For(wish, voice, own, [(to, profile)]),
            (batch, nid) => batch.Execute("INSERT INTO notice_rooms (user_id, room) VALUES ($1, $2)", to.Value, nid)).ConfigureAwait(false);
        await data.SetAsync(to, room.Id.Value, "m.tag", """{"tags":{"m.server_notice":{}}}"""u8.ToArray()).ConfigureAwait(false);
        return room;
    }
}
