using System.Reflection;
using Xunit;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Causeway.TestKit;

/// <summary>
/// A test that runs once on each database of <see cref="Databases.Both"/>, whose name is the first argument of the method.
/// With <c>[InlineData]</c> or other data, each row runs on each database. Where PostgreSQL is not installed its cases are
/// counted as skipped.
/// </summary>
/// <remarks>Not a TheoryAttribute: xunit's analyzers would demand data for the argument that is added here.</remarks>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Causeway.TestKit.DatabaseTheoryDiscoverer", "Causeway.TestKit")]
public sealed class DatabaseTheoryAttribute : FactAttribute;

/// <summary>A test that needs PostgreSQL; not run when CAUSEWAY_TEST_DATABASES leaves it out, skipped where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Causeway.TestKit.PostgresFactDiscoverer", "Causeway.TestKit")]
public sealed class PostgresFactAttribute : FactAttribute;

public sealed class DatabaseTheoryDiscoverer(IMessageSink messages) : IXunitTestCaseDiscoverer
{
    public IEnumerable<IXunitTestCase> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute)
    {
        var method = testMethod.Method.ToRuntimeMethod();
        var sources = method.GetCustomAttributes<DataAttribute>().ToList();
        var rows = sources.Count == 0 ? [[]] : sources.SelectMany(s => s.GetData(method)).ToList();
        return from row in rows
               from database in Databases.Both
               select CreateCase(discoveryOptions, testMethod, factAttribute, database, row);
    }

    private IXunitTestCase CreateCase(
        ITestFrameworkDiscoveryOptions options, ITestMethod method, IAttributeInfo attribute, string database, object[] row)
    {
        var display = options.MethodDisplayOrDefault();
        var displayOptions = options.MethodDisplayOptionsOrDefault();
        object[] arguments = [database, .. row];
        var skip = attribute.GetNamedArgument<string>(nameof(FactAttribute.Skip)) ?? Databases.WhySkipped(database);
        return skip == null
            ? new XunitTestCase(messages, display, displayOptions, method, arguments)
            : new XunitSkippedDataRowTestCase(messages, display, displayOptions, method, skip, arguments);
    }
}

public sealed class PostgresFactDiscoverer(IMessageSink messages) : IXunitTestCaseDiscoverer
{
    public IEnumerable<IXunitTestCase> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute)
    {
        if (!Databases.Both.Contains(Databases.Postgres))
        {
            return [];
        }
        var display = discoveryOptions.MethodDisplayOrDefault();
        var displayOptions = discoveryOptions.MethodDisplayOptionsOrDefault();
        var skip = factAttribute.GetNamedArgument<string>(nameof(FactAttribute.Skip))
            ?? Databases.WhySkipped(Databases.Postgres);
        return
        [
            skip == null
                ? new XunitTestCase(messages, display, displayOptions, testMethod)
                : new XunitSkippedDataRowTestCase(messages, display, displayOptions, testMethod, skip),
        ];
    }
}
