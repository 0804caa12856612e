namespace Causeway.Push;

/// <summary>What became of one attempt to deliver.</summary>
internal enum Fate
{
    /// <summary>It was taken.</summary>
    Delivered,

    /// <summary>It failed and may succeed later.</summary>
    Later,

    /// <summary>This message will never be taken; another may.</summary>
    Refused,

    /// <summary>The pusher's key is dead.</summary>
    Gone,
}

/// <summary>The outcome of an attempt.</summary>
/// <param name="Fate">What became of it.</param>
/// <param name="Words">For the person, in plain words. They tell nothing of the inner network: whatever fails before an answer fails alike.</param>
/// <param name="Wait">How long the other side wants to be left alone.</param>
internal readonly record struct Attempt(Fate Fate, string Words, TimeSpan? Wait = null)
{
    /// <summary>No answer of HTTP, for whatever reason.</summary>
    public static Attempt Unreached(string whom) => new(Fate.Later, $"The {whom} could not be reached.");
}
