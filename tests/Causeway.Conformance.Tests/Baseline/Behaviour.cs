using Xunit.Abstractions;
using Xunit.Sdk;

namespace Causeway.Conformance.Tests.Baseline;

/// <summary>
/// A behaviour of the standard. Its result is held against results.txt: one that is recorded as failing may fail, a new
/// failure is red, and a new pass is red until it is recorded, so that nothing is lost again unseen.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("Causeway.Conformance.Tests.Baseline.BehaviourDiscoverer", "Causeway.Conformance.Tests")]
public sealed class BehaviourAttribute : FactAttribute;

public sealed class BehaviourDiscoverer(IMessageSink messages) : IXunitTestCaseDiscoverer
{
    public IEnumerable<IXunitTestCase> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        [new BehaviourCase(messages, discoveryOptions.MethodDisplayOrDefault(), discoveryOptions.MethodDisplayOptionsOrDefault(), testMethod)];
}

public sealed class BehaviourCase : XunitTestCase
{
    /// <summary>For the test framework, which makes cases anew in another process.</summary>
    [Obsolete("Only the test framework calls this.")]
    public BehaviourCase()
    {
    }

    public BehaviourCase(IMessageSink messages, TestMethodDisplay display, TestMethodDisplayOptions options, ITestMethod method)
        : base(messages, display, options, method)
    {
    }

    public override async Task<RunSummary> RunAsync(
        IMessageSink diagnosticMessageSink, IMessageBus messageBus, object[] constructorArguments, ExceptionAggregator aggregator,
        CancellationTokenSource cancellationTokenSource)
    {
        using var judge = new Judge(messageBus, Results.NameOf(TestMethod.TestClass.Class.Name, TestMethod.Method.Name));
        var summary = await base.RunAsync(diagnosticMessageSink, judge, constructorArguments, aggregator, cancellationTokenSource);
        summary.Failed = judge.Failures;
        return summary;
    }

    /// <summary>Turns "passed" and "failed" into "as recorded" and "not as recorded".</summary>
    private sealed class Judge(IMessageBus bus, string name) : IMessageBus
    {
        public int Failures { get; private set; }

        public bool QueueMessage(IMessageSinkMessage message) => bus.QueueMessage(message switch
        {
            ITestPassed passed when Results.Judge(name, holds: true) is { } wrong => Fail(passed.Test, passed.ExecutionTime, passed.Output, new XunitException(wrong)),
            ITestFailed failed => OfFailure(failed),
            _ => message,
        });

        public void Dispose()
        {
            // The bus that is wrapped belongs to the runner.
        }

        private IMessageSinkMessage OfFailure(ITestFailed failed)
        {
            if (Results.Judge(name, holds: false) is null)
            {
                return new TestPassed(failed.Test, failed.ExecutionTime, $"Fails, as recorded: {string.Join(Environment.NewLine, failed.Messages)}");
            }

            Failures++;
            return failed;
        }

        private TestFailed Fail(ITest test, decimal time, string output, Exception why)
        {
            Failures++;
            return new TestFailed(test, time, output, why);
        }
    }
}
