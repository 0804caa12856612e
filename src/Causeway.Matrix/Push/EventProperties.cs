using System.Runtime.CompilerServices;

namespace Causeway.Matrix;

/// <summary>
/// Looks up properties of one event by path. The content's members are found in one pass on first use; nothing is
/// decoded or copied that no condition asks for.
/// </summary>
internal ref struct EventProperties(RoomEvent e)
{
    private readonly ReadOnlySpan<byte> _content = e.Content.Span;
    private Slots _slots;
    private int _slotCount;
    private bool _isIndexed;
    private bool _hasMore;
    private string? _body;
    private bool _bodyIsRead;

    public readonly RoomEvent Event => e;

    /// <summary>The body's text, decoded once.</summary>
    public string? Body
    {
        get
        {
            if (!_bodyIsRead)
            {
                _body = JsonMembers.AsString(FindInContent("body"u8));
                _bodyIsRead = true;
            }

            return _body;
        }
    }

    /// <summary>A property that the event holds as text already; false if the path leads elsewhere.</summary>
    public readonly bool TryGetTopLevelText(PropertyPath path, out string? value)
    {
        (bool known, value) = path.Text switch
        {
            "type" => (true, e.Type),
            "sender" => (true, e.Sender.Value),
            "state_key" => (true, e.StateKey),
            "room_id" => (true, e.RoomId.Value),
            "event_id" => (true, e.Id.Value),
            _ => (false, null),
        };
        return known;
    }

    /// <summary>The JSON value at a path, empty if there is none.</summary>
    public ReadOnlySpan<byte> Find(PropertyPath path)
    {
        ReadOnlySpan<byte> value;
        int next;
        if (path.IsInContent)
        {
            value = FindInContent(path.Segments[1]);
            next = 2;
        }
        else
        {
            value = e.Json.Span;
            next = 0;
        }

        for (; next < path.Segments.Length; next++)
        {
            if (value.IsEmpty || value[0] != '{')
            {
                return default;
            }

            value = JsonMembers.Find(value, path.Segments[next]);
        }

        return value;
    }

    private ReadOnlySpan<byte> FindInContent(ReadOnlySpan<byte> name)
    {
        if (!_isIndexed)
        {
            Index();
        }

        for (int i = 0; i < _slotCount; i++)
        {
            ref readonly Slot slot = ref _slots[i];
            if (slot.NameLength == name.Length && _content.Slice(slot.NameStart, slot.NameLength).SequenceEqual(name))
            {
                return _content[slot.ValueStart..slot.ValueEnd];
            }
        }

        return _hasMore ? JsonMembers.Find(_content, name) : default;
    }

    private void Index()
    {
        _isIndexed = true;
        var members = new JsonMembers(_content);
        while (members.MoveNext())
        {
            if (_slotCount == Slots.Count)
            {
                _hasMore = true;
                return;
            }

            _slots[_slotCount++] = new Slot(members.NameStart, members.Name.Length, members.ValueStart, members.ValueEnd);
        }
    }

    private readonly record struct Slot(int NameStart, int NameLength, int ValueStart, int ValueEnd);

    [InlineArray(Count)]
    private struct Slots
    {
        public const int Count = 12;
        private Slot _first;
    }
}
